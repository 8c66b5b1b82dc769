// SSH by ssh2: `exec COMMAND` joins its own streams to the command's; `sftp FILE REMOTE BACK` writes a file and reads it again.
const fs = require('fs');
const { Client } = require('ssh2');

const [user, key, what, ...rest] = process.argv.slice(2);
const fail = (error) => { console.error(error); process.exit(1); };
const client = new Client();
client.on('error', fail);
client.on('ready', () => {
  if (what === 'exec') {
    client.exec(rest[0], (error, stream) => {
      if (error) fail(error);
      process.stdin.pipe(stream);
      stream.pipe(process.stdout);
      stream.stderr.pipe(process.stderr);
      stream.on('close', (status) => { process.exitCode = status; process.stdin.destroy(); client.end(); });
    });
    return;
  }
  client.sftp((error, files) => {
    if (error) fail(error);
    files.fastPut(rest[0], rest[1], (error) => {
      if (error) fail(error);
      files.fastGet(rest[1], rest[2], (error) => {
        if (error) fail(error);
        client.end();
      });
    });
  });
});
client.connect({ host: '127.0.0.1', port: Number(process.env.PORT), username: user, privateKey: fs.readFileSync(key) });

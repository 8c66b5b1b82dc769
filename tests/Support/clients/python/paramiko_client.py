"""SSH by paramiko: `exec COMMAND` joins its own streams to the command's; `sftp FILE REMOTE BACK` writes a file and reads it again."""
import os
import shutil
import sys
import threading

import paramiko

client = paramiko.SSHClient()
client.set_missing_host_key_policy(paramiko.AutoAddPolicy())
client.connect("127.0.0.1", int(os.environ["PORT"]), sys.argv[1], key_filename=sys.argv[2], allow_agent=False, look_for_keys=False)


def feed(stdin):
    shutil.copyfileobj(sys.stdin.buffer, stdin)
    stdin.channel.shutdown_write()


if sys.argv[3] == "exec":
    stdin, stdout, stderr = client.exec_command(sys.argv[4])
    threading.Thread(target=feed, args=[stdin], daemon=True).start()
    shutil.copyfileobj(stdout, sys.stdout.buffer)
    shutil.copyfileobj(stderr, sys.stderr.buffer)
    status = stdout.channel.recv_exit_status()
else:
    files = client.open_sftp()
    files.put(sys.argv[4], sys.argv[5])
    files.get(sys.argv[5], sys.argv[6])
    status = 0
client.close()
sys.exit(status)

"""SSH by asyncssh: `exec COMMAND` joins its own streams to the command's; `sftp FILE REMOTE BACK` writes a file and reads it again."""
import asyncio
import os
import sys

import asyncssh


async def main():
    async with asyncssh.connect("127.0.0.1", int(os.environ["PORT"]), username=sys.argv[1], client_keys=[sys.argv[2]], known_hosts=None,
                                config=None, agent_path=None) as connection:
        if sys.argv[3] == "exec":
            result = await connection.run(sys.argv[4], input=sys.stdin.buffer.read(), encoding=None)
            sys.stdout.buffer.write(result.stdout)
            sys.stderr.buffer.write(result.stderr)
            return result.exit_status
        async with connection.start_sftp_client() as files:
            await files.put(sys.argv[4], sys.argv[5])
            await files.get(sys.argv[5], sys.argv[6])
            return 0


sys.exit(asyncio.run(main()))

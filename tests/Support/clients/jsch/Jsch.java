import com.jcraft.jsch.ChannelExec;
import com.jcraft.jsch.ChannelSftp;
import com.jcraft.jsch.JSch;

/** SSH by JSch: `exec COMMAND` joins its own streams to the command's; `sftp FILE REMOTE BACK` writes a file and reads it again. */
public class Jsch {
    public static void main(String[] args) throws Exception {
        JSch.setConfig("StrictHostKeyChecking", "no");
        var jsch = new JSch();
        jsch.addIdentity(args[1]);
        var session = jsch.getSession(args[0], "127.0.0.1", Integer.parseInt(System.getenv("PORT")));
        session.connect(30_000);
        var status = 0;
        if (args[2].equals("exec")) {
            var channel = (ChannelExec) session.openChannel("exec");
            channel.setCommand(args[3]);
            channel.setInputStream(System.in);
            channel.setErrStream(System.err, true);
            var output = channel.getInputStream();
            channel.connect(30_000);
            output.transferTo(System.out);
            System.out.flush();
            while (!channel.isClosed())
                Thread.sleep(5);
            status = channel.getExitStatus();
        } else {
            var files = (ChannelSftp) session.openChannel("sftp");
            files.connect(30_000);
            files.put(args[3], args[4]);
            files.get(args[4], args[5]);
        }
        session.disconnect();
        System.exit(status);
    }
}

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Right, in Java, compiled before: a thread for each client. */
public class Server {
    public static void main(String[] arguments) throws IOException {
        String host = "127.0.0.1";
        int port = 8888;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--host" -> host = arguments[i + 1];
                case "--port" -> port = Integer.parseInt(arguments[i + 1]);
            }
        }
        try (var listener = new ServerSocket(port, 5, InetAddress.getByName(host))) {
            System.out.println("listening on " + host + ":" + listener.getLocalPort());
            while (true) {
                Socket client = listener.accept();
                new Thread(() -> serve(client)).start();
            }
        }
    }

    private static void serve(Socket client) {
        byte[] buffer = new byte[1024];
        try (client) {
            for (int length; (length = client.getInputStream().read(buffer)) >= 0; ) {
                client.getOutputStream().write(buffer, 0, length);
            }
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** Right, in Java: two loops, of which one is in the library. */
class Server {
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
                try (Socket client = listener.accept()) {
                    client.getInputStream().transferTo(client.getOutputStream());
                } catch (IOException error) {
                    System.err.println(error.getMessage());
                }
            }
        }
    }
}

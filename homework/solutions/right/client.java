import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Right, in Java: a reader of lines on each side. */
class Client {
    public static void main(String[] arguments) throws IOException {
        String host = "127.0.0.1";
        int port = 8888;
        List<String> messages = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--host" -> host = arguments[++i];
                case "--port" -> port = Integer.parseInt(arguments[++i]);
                default -> messages.add(arguments[i]);
            }
        }
        var utf8 = StandardCharsets.UTF_8;
        var screen = new PrintStream(System.out, true, utf8);
        try (Socket server = new Socket(host, port)) {
            var replies = new BufferedReader(new InputStreamReader(server.getInputStream(), utf8));
            var input = new BufferedReader(new InputStreamReader(System.in, utf8));
            for (int next = 0; ; next++) {
                String message;
                if (messages.isEmpty()) {
                    message = input.readLine();
                } else {
                    message = next < messages.size() ? messages.get(next) : null;
                }
                if (message == null || message.isEmpty()) {
                    break;
                }
                server.getOutputStream().write((message + "\n").getBytes(utf8));
                String reply = replies.readLine();
                if (reply == null) {
                    System.err.println("the server has closed the connection");
                    System.exit(1);
                }
                screen.print(reply + "\n");
            }
        }
    }
}

import io.socket.client.IO;
import io.socket.client.Socket;
import io.socket.engineio.client.transports.WebSocket;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.UUID;
import org.json.JSONObject;

/** A player with the Java client as it comes. Prints what it sees and takes commands, each a line of JSON. */
public class Player {
  public static void main(String[] arguments) throws Exception {
    String url = arguments[0];
    JSONObject account = login(url);
    tell("login", new JSONObject().put("playerId", account.getString("playerId")));
    IO.Options options = new IO.Options();
    options.transports = new String[] {WebSocket.NAME};
    options.auth = Map.of("token", account.getString("token"));
    Socket socket = IO.socket(url, options);
    socket.on(Socket.EVENT_CONNECT, (values) -> tell("connect", new JSONObject()));
    socket.on(Socket.EVENT_DISCONNECT, (values) -> tell("disconnect", with("reason", values[0])));
    socket.on("Push", (values) -> tell("push", (JSONObject) values[0]));
    socket.on("Response", (values) -> tell("response", (JSONObject) values[0]));
    socket.connect();
    BufferedReader commands = new BufferedReader(new InputStreamReader(System.in));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      socket.emit("Request", new JSONObject(line));
    }
    System.exit(0);
  }

  private static JSONObject login(String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url + "/v1/login"))
        .header("content-type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(with("deviceId", UUID.randomUUID().toString()).toString()))
        .build();
    return new JSONObject(HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
  }

  private static JSONObject with(String name, Object value) {
    try {
      return new JSONObject().put(name, value);
    } catch (org.json.JSONException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  private static synchronized void tell(String event, JSONObject facts) {
    try {
      System.out.println(facts.put("event", event));
    } catch (org.json.JSONException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}

// Encodes messages with Kafka's own Java codec: reads lines of `CLASS VERSION JSON` from stdin,
// and prints the bytes of each as a line of hex. README.md says how it is run.
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

public class MakeGolden {
  private static final String PACKAGE = "org.apache.kafka.common.message.";

  public static void main(String[] arguments) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] parts = line.split(" ", 3);
      System.out.println(encode(parts[0], Short.parseShort(parts[1]), mapper.readTree(parts[2])));
    }
  }

  private static String encode(String name, short version, JsonNode json) throws Exception {
    Class<?> converter = Class.forName(PACKAGE + name + "JsonConverter");
    Message message =
        (Message)
            converter.getMethod("read", JsonNode.class, short.class).invoke(null, json, version);
    ObjectSerializationCache cache = new ObjectSerializationCache();
    ByteBuffer bytes = ByteBuffer.allocate(message.size(cache, version));
    message.write(new ByteBufferAccessor(bytes), cache, version);
    return HexFormat.of().formatHex(bytes.array(), 0, bytes.position());
  }
}

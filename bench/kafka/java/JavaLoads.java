// Java's performance tools, run one after another in one warm process, and records at a fixed rate.
// A line of JSON asks, a line of JSON answers; bench/kafka/load-client.ts is the other side.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Exit;

public final class JavaLoads {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final PrintStream OUT = System.out;

  /** A tool wanted to end the process. */
  private static final class ToolExit extends RuntimeException {
    ToolExit(int status, String message) {
      super("the tool ended with " + status + (message == null ? "" : ": " + message));
    }
  }

  public static void main(String[] args) throws Exception {
    Exit.Procedure refuse = (status, message) -> {
      throw new ToolExit(status, message);
    };
    Exit.setExitProcedure(refuse);
    Exit.setHaltProcedure(refuse);
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      ObjectNode answer = JSON.createObjectNode();
      try {
        JsonNode question = JSON.readTree(line);
        if (question.get("kind").asText().equals("tool")) runTool(question, answer);
        else new LatencyLoad(question).run(answer);
      } catch (Throwable error) {
        error.printStackTrace();
        answer.removeAll().put("error", String.valueOf(error));
      }
      OUT.println(JSON.writeValueAsString(answer));
    }
    System.exit(0);
  }

  /** Calls a tool's main; answers with what it printed, and with its time. */
  private static void runTool(JsonNode question, ObjectNode answer) throws Throwable {
    List<String> args = new ArrayList<>();
    question.get("args").forEach(each -> args.add(each.asText()));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    OperatingSystemMXBean system =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long wall = System.nanoTime();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      Class.forName(question.get("className").asText())
          .getMethod("main", String[].class)
          .invoke(null, (Object) args.toArray(new String[0]));
    } catch (InvocationTargetException error) {
      throw error.getCause();
    } finally {
      System.setOut(OUT);
    }
    answer
        .put("output", printed.toString(StandardCharsets.UTF_8))
        .put("cpuSeconds", (system.getProcessCpuTime() - cpu) / 1e9)
        .put("wallSeconds", (System.nanoTime() - wall) / 1e9);
  }
}

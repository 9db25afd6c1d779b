// Writes one batch per codec with Kafka's own client; README.md says how to run it.
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.CompressionType;
import org.apache.kafka.common.record.MemoryRecords;
import org.apache.kafka.common.record.TimestampType;

public class MakeBatches {
  static final long BASE_TIMESTAMP = 1_700_000_000_000L;
  static final long BASE_OFFSET = 4_000_000_000L;

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] largeValue() {
    byte[] value = new byte[150_000];
    long noise = 1;
    for (int i = 0; i < value.length; i++) {
      noise = (noise * 1_103_515_245L + 12_345L) & 0x7fffffffL;
      value[i] = (byte) (i % 64 < 4 ? noise >> 16 : i % 64);
    }
    return value;
  }

  public static void main(String[] args) throws Exception {
    Header[] none = {};
    Header[] headers = {
      new RecordHeader("plain", text("text")),
      new RecordHeader("größe", text("€")),
      new RecordHeader("", new byte[0]),
    };
    for (CompressionType type : CompressionType.values()) {
      if (type == CompressionType.NONE) continue;
      var builder =
          MemoryRecords.builder(
              ByteBuffer.allocate(1024 * 1024),
              Compression.of(type).build(),
              TimestampType.CREATE_TIME,
              BASE_OFFSET);
      builder.append(BASE_TIMESTAMP, text("first"), text("one"), none);
      builder.append(BASE_TIMESTAMP + 1, null, text("no key"), none);
      builder.append(BASE_TIMESTAMP - 70_000, text("tombstone"), null, none);
      builder.append(BASE_TIMESTAMP + (1L << 33), new byte[0], new byte[0], none);
      builder.append(BASE_TIMESTAMP + 5, text("headers"), text("abc".repeat(1000)), headers);
      builder.append(BASE_TIMESTAMP + 6, text("large"), largeValue(), none);
      ByteBuffer bytes = builder.build().buffer();
      byte[] batch = new byte[bytes.remaining()];
      bytes.get(batch);
      Files.write(Path.of(args[0], "kafka-clients-" + type.name + ".bin"), batch);
    }
  }
}

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;

/** Reads an event and forwards a flag for each phrase in it. */
final class Flagger implements Processor<byte[], byte[], byte[], byte[]> {
    private static final JsonFactory JSON = new JsonFactory();

    private final Phrases phrases;
    private ProcessorContext<byte[], byte[]> context;

    Flagger(Phrases phrases) {
        this.phrases = phrases;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> context) {
        this.context = context;
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        Event event;
        try {
            event = Event.read(record.value());
        } catch (IOException error) {
            // Wardline writes a dead letter here; there is none in what is measured.
            throw new UncheckedIOException(error);
        }
        if (event.isMessage()) {
            phrases.find(event.text(), (rule, begin, end) ->
                    context.forward(record.withValue(flag(event, rule, begin, end))));
        }
    }

    private static byte[] flag(Event event, int rule, int begin, int end) {
        var bytes = new ByteArrayOutputStream(128);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeNumberField("rule", rule);
            json.writeStringField("event_id", event.id());
            json.writeNumberField("begin", begin);
            json.writeNumberField("end", end);
            json.writeEndObject();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return bytes.toByteArray();
    }
}

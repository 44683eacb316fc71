/*
 * What Wardline is measured against: phrase rules on a topic of events, as one would write them with Kafka Streams.
 *
 * An event is parsed as far as the rules need it, its text folded, searched by one Aho-Corasick automaton for all
 * phrases, and a flag is written for each that stands there as whole words; exactly once. It does less than Wardline:
 * one view, no place in the text as it was written, no excerpt, no dead letters, no metrics, no reload. It keeps no
 * state, so what Streams costs here is reading, transactions and the JVM.
 *
 * It ends well on SIGTERM. Built by `build`, run by `cargo bench --bench pipeline`.
 */

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/** The program: its arguments, its settings, its life. */
public final class Streams {
    private Streams() {}

    /** Arguments: brokers, name, topic of events, topic of flags, file of phrases, directory for state. */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 6) {
            System.err.println("usage: Streams BROKERS NAME EVENTS FLAGS PHRASES DIRECTORY");
            System.exit(3);
        }
        Phrases phrases = new Phrases(Files.readAllLines(Path.of(arguments[4])));
        Topology topology = topology(arguments[2], arguments[3], phrases);
        Properties settings = settings(arguments[0], arguments[1], arguments[5]);
        KafkaStreams streams = new KafkaStreams(topology, settings);
        streams.setUncaughtExceptionHandler(error -> {
            error.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            boolean closed = streams.close(Duration.ofSeconds(30));
            // A JVM that a signal ended exits with 143, even if all is well.
            Runtime.getRuntime().halt(closed ? 0 : 4);
        }));
        streams.start();
    }

    private static Topology topology(String events, String flags, Phrases phrases) {
        var read = new ByteArrayDeserializer();
        var write = new ByteArraySerializer();
        return new Topology()
                .addSource("events", read, read, events)
                .addProcessor("rules", () -> new Flagger(phrases), "events")
                .addSink("flags", flags, write, write, "rules");
    }

    private static Properties settings(String brokers, String name, String directory) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, name);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, directory);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        settings.put(StreamsConfig.producerPrefix(ProducerConfig.COMPRESSION_TYPE_CONFIG), "lz4");
        return settings;
    }
}

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What the rules need of an event. It is parsed token by token and no further than to the last of the three: no tree,
 * no binding to a class, nothing undone that nobody reads.
 */
record Event(String id, String type, String text) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Reads an event; a member that is not there is null. */
    static Event read(byte[] json) throws IOException {
        String id = null;
        String type = null;
        String text = null;
        try (JsonParser parser = JSON.createParser(json)) {
            parser.nextToken();
            for (String name = parser.nextFieldName(); name != null; name = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (name) {
                    case "id" -> id = parser.getText();
                    case "type" -> type = parser.getText();
                    case "text" -> text = value == JsonToken.VALUE_STRING ? parser.getText() : null;
                    default -> parser.skipChildren();
                }
                if (id != null && type != null && text != null) {
                    break;
                }
            }
        }
        return new Event(id, type, text);
    }

    /** Whether the rules look at it. */
    boolean isMessage() {
        return text != null && type != null && type.startsWith("chat.");
    }
}

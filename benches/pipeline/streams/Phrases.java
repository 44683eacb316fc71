import com.hankcs.algorithm.AhoCorasickDoubleArrayTrie;
import java.text.Normalizer;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** The phrases of all rules, searched in one pass. The rule of a phrase is its line. Shared by all threads. */
final class Phrases {
    private final AhoCorasickDoubleArrayTrie<Integer> automaton = new AhoCorasickDoubleArrayTrie<>();

    Phrases(List<String> phrases) {
        TreeMap<String, Integer> rules = new TreeMap<>();
        for (int rule = 0; rule < phrases.size(); rule++) {
            rules.put(new String(fold(phrases.get(rule))), rule);
        }
        automaton.build(rules);
    }

    /** Told of each place at which a phrase stands. */
    interface Found {
        void found(int rule, int begin, int end);
    }

    /** Finds the phrases that stand in the text as whole words. Places are those of the folded text. */
    void find(String text, Found found) {
        char[] folded = fold(text);
        automaton.parseText(folded, (begin, end, rule) -> {
            if (isBound(folded, begin - 1) && isBound(folded, end)) {
                found.found(rule, begin, end);
            }
        });
    }

    private static boolean isBound(char[] text, int place) {
        return place < 0 || place >= text.length || !Character.isLetterOrDigit(text[place]);
    }

    /** Compatible forms made one, marks and what is invisible dropped, in small letters. Most texts are ASCII. */
    private static char[] fold(String text) {
        char[] letters = text.toCharArray();
        if (lowerAscii(letters)) {
            return letters;
        }
        letters = Normalizer.normalize(text, Normalizer.Form.NFKD).toCharArray();
        int kept = 0;
        for (char letter : letters) {
            if (letter < 0x80 || !isDropped(letter)) {
                letters[kept++] = Character.toLowerCase(letter);
            }
        }
        return Arrays.copyOf(letters, kept);
    }

    /** Makes ASCII letters small, up to the first that is none; whether all are. */
    private static boolean lowerAscii(char[] letters) {
        for (int place = 0; place < letters.length; place++) {
            char letter = letters[place];
            if (letter >= 0x80) {
                return false;
            }
            if (letter >= 'A' && letter <= 'Z') {
                letters[place] = (char) (letter + ('a' - 'A'));
            }
        }
        return true;
    }

    private static boolean isDropped(char letter) {
        int kind = Character.getType(letter);
        return kind == Character.NON_SPACING_MARK || kind == Character.ENCLOSING_MARK || kind == Character.FORMAT;
    }
}

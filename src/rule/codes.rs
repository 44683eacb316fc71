//! The one table of diagnostic codes: number, name, severity, and what it means in a few sentences.
//!
//! Codes are stable: tools filter by them and authors look them up, so a number is never given to another
//! meaning. Everything that lists or explains codes reads [`Code::ALL`]; there is no second list.

mod examples;

pub use examples::Example;

use super::diagnostic::Severity;
use std::fmt;

macro_rules! codes {
    ($($variant:ident $number:literal $name:literal $severity:ident $meaning:literal)*) => {
        /// What kind of diagnostic it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All codes by number.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The stable number, such as `R102`.
            pub fn number(self) -> &'static str {
                match self { $(Code::$variant => $number),* }
            }

            /// The name in words, such as `unknown-key`.
            pub fn name(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }

            /// How grave it is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity),* }
            }

            /// What it means and what to do about it.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning),* }
            }
        }
    };
}

codes! {
    // Files and YAML.
    FileTooLarge "R001" "file-too-large" Error
        "The file is larger than 16 MiB. Rule files are written by people; long lists of words belong in a list, taken in with `expand`."
    NotUtf8 "R002" "not-utf8" Error
        "The file is not UTF-8 text. Save it as UTF-8 in your editor."
    YamlSyntax "R003" "yaml-syntax" Error
        "The text is not YAML. Usual causes: a value that begins with `@`, `*`, `&`, `%` or a backquote and has no quotes, a tab where spaces must be, or a quote that is never closed."
    DuplicateKey "R004" "duplicate-key" Error
        "A key stands twice in the same map. Other YAML readers silently keep the last; here nothing is dropped silently. Join both into one list, or make a list of two maps."
    YamlLimit "R005" "yaml-limit" Error
        "The document is nested too deeply, holds too many values, or its aliases expand to too many. Rules need none of that; the limit keeps a hostile file from exhausting memory."
    YamlFeature "R006" "yaml-feature" Error
        "A feature of YAML that rules do not use: a tag such as `!!binary`, a merge key `<<`, or a key that is not a plain word."

    TooManyProblems "R007" "too-many-problems" Warning
        "The file has more problems than are worth showing at once. Repair the first ones and check again."

    // The document.
    NotARule "R101" "not-a-rule" Error
        "A document must be a map with `title`, and `detection`, `correlation` or `filter`. Several of them in one file are separated by lines of `---`."
    UnknownKey "R102" "unknown-key" Error
        "A key that means nothing at this place. A misspelt key would otherwise be ignored, and the rule would do something else than it says. Notes of your own go under `custom`."
    MissingKey "R103" "missing-key" Error
        "A key that every rule needs is missing."
    WrongType "R104" "wrong-type" Error
        "The value is of another kind than this key takes: a list where a text is expected, a text where a number is, and so on."
    BadValue "R105" "bad-value" Error
        "The value is not one of those that this key takes."
    BadName "R106" "bad-name" Error
        "An id or a name that cannot be used: it is empty or holds characters other than letters, digits, `_`, `-` and `.`."
    DuplicateId "R107" "duplicate-id" Error
        "Two rules, correlations or filters have the same id. Flags are identified by it, so a copied rule needs a new one."
    DuplicateName "R108" "duplicate-name" Error
        "Two rules, correlations or filters have the same name. Correlations and filters refer to rules by name, so it must be unique."
    NotSupportedYet "R109" "not-supported-yet" Error
        "A part of the language that this version does not read yet. The rule is refused rather than half understood."
    BadTest "R110" "bad-test" Error
        "A rule's own test that cannot be run: it lacks a name, an event or what is expected."
    NoNote "R111" "no-note" Warning
        "A test that is a `known-miss` or a `known-false-positive` without a `note`. It passes while the rule is wrong; the note says what is the matter and what would mend it."
    BadComment "R112" "bad-comment" Warning
        "A comment `# wardline: …` that does not do what it seems to: it is misspelt, names no warning, says no reason, or stands where it is about nothing. It is written `# wardline: allow CODE reason`, before the rule's first key for the whole rule, or above the line that is warned of."
    StaleAllow "R113" "stale-allow" Warning
        "A warning is allowed, by a comment or by `allow`, and is not told any more, or not in this place. Left standing it would hide the next one. Take it out, or put it where the warning is."
    UnknownFieldInTest "R114" "unknown-field-in-test" Warning
        "The event of a test has a field that is in no table, and its name resembles a known field, or is what that is called elsewhere. The rule would look for the known one and not find it, so the test says nothing."
    TestNameTwice "R115" "test-name-twice" Warning
        "Two tests of a rule have the same name. Reports tell tests apart by their names, and so do people: who reads that it failed looks at the wrong one."
    BadException "R120" "bad-exception" Error
        "An exception that nobody could answer for: it lacks a name, an owner, a day on which it ends, a reason, or what it leaves out."

    // Detection: selections, fields, modifiers.
    EmptySelection "R201" "empty-selection" Error
        "A selection that demands nothing, and so would match every event, or an empty list, which matches none."
    BadField "R202" "bad-field" Error
        "A field name that cannot be read: it is empty, holds spaces, or has an empty part between dots."
    UnknownModifier "R203" "unknown-modifier" Error
        "The part after `|` in a field's key is no modifier of the rule language."
    ModifierConflict "R204" "modifier-conflict" Error
        "Modifiers that cannot stand together, such as two that each say how to search, or one that stands twice."
    ViewOnOtherType "R205" "view-of-other-type" Error
        "A view (`.raw`, `.folded` and so on) is a reading of a text; this field is not a text."
    ModifierOnOtherType "R206" "modifier-of-other-type" Error
        "The modifier does not apply to a field of this type: numbers are compared, texts are searched."
    UnknownField "R207" "unknown-field" Warning
        "The field is in no table, so it is read as a keyword by its dotted path; its name resembles a known field, or, in a rule about chat, is what that is called elsewhere (`message` for `text`). Add it to the configuration's fields if it is meant."
    UnknownView "R208" "unknown-view" Error
        "Below a text field stand only its views: `.raw`, `.folded`, `.skeleton`, `.squashed` and those of later versions. Read as a keyword the path would never match."
    WordsOnly "R209" "words-only" Error
        "The views `skeleton` and `squashed` read letters by their looks and words by their letters; only `word` and `phrase` can be searched in them, `near3` and `near8` in `skeleton`."
    ModifierInView "R210" "modifier-in-view" Error
        "The modifier does not read the view that the key names: `near3` and `near8` read `raw`, `folded` and `skeleton`, `fuzzy1` and `fuzzy2` `skeleton` alone. Leave the view out."

    // Conditions.
    ConditionSyntax "R301" "condition-syntax" Error
        "The condition cannot be read. It is made of selection names, `and`, `or`, `not`, parentheses, and `1 of x_*`, `all of x_*`, `1 of them`, `all of them`, `any of them`."
    UnknownSelection "R302" "unknown-selection" Error
        "The condition names a selection that the detection does not have, or, in a correlation, a rule that `rules` does not name."
    NoSuchSelections "R303" "no-such-selections" Error
        "No selection's name fits the pattern, so there is nothing to choose from."
    UnusedSelection "R304" "unused-selection" Warning
        "A selection that the condition does not use. Selections whose names begin with `_` are exempt."
    MixedOperators "R305" "mixed-operators" Warning
        "`and` binds more tightly than `or`. Where both stand side by side, parentheses say which is meant."

    // Values.
    NullValue "R401" "null-value" Error
        "The value is null (`~`, `null` or nothing at all) where a text is expected."
    NotANumber "R402" "not-a-number" Error
        "`gt`, `gte`, `lt` and `lte` compare with a number, parts of times (`hour` and its like) with a whole one."
    NotABool "R403" "not-a-bool" Error
        "`exists` takes `true` or `false`."
    BadRegex "R404" "bad-regex" Error
        "The regular expression cannot be read."
    RegexLookAround "R405" "regex-look-around" Error
        "Look-ahead and look-behind cannot be matched in linear time, and a rule must never be able to stall the stream. Use a second selection with `not` in the condition."
    RegexBackReference "R406" "regex-back-reference" Error
        "Back-references cannot be matched in linear time, and a rule must never be able to stall the stream. Spell out the alternatives."
    RegexTooLarge "R407" "regex-too-large" Error
        "The regular expression is too large when compiled, or repeats something too often. Large counted repeats and long lists of alternatives cost memory in every worker; for the latter use `phrase` or `word`."
    EmptyValue "R408" "empty-value" Error
        "An empty expression is found in every value, and of a text that is too short nothing is left in Base64 that is its own."
    NoToken "R409" "no-token" Error
        "`word`, `phrase`, `near3` and `near8` look for words, and the value holds no letter or digit. Use `contains` for signs."
    OneValueOnly "R410" "one-value-only" Error
        "This modifier takes one value, not a list."
    TooManyValues "R411" "too-many-values" Error
        "A test with more values than a rule set can hold."
    TooManyWords "R412" "too-many-words" Error
        "`near3` looks at four words of a text at a time, `near8` at nine: a value of more words could never be found."
    TooShort "R413" "too-short" Error
        "A text that has too few letters to be told from others when some are wrong: `fuzzy1` needs five, `fuzzy2` eight, in Latin letters, and a letter that is repeated counts once where it comes to many. Without the modifier the value is found as it is; entries of a list that are too short are."
    NotATime "R414" "not-a-time" Error
        "A comparison with a time needs one: `2026-01-31T18:00:00Z`, a date, or a number since the epoch."
    BadNetwork "R415" "bad-network" Error
        "`cidr` takes networks: an address and how many of its bits count, such as `10.0.0.0/8` or `2001:db8::/32`, or an address alone."
    WildcardEncoded "R416" "wildcard-encoded" Error
        "`base64` and `base64offset` look for what a text is in Base64, and a wildcard is no text. A backslash before it makes it the sign itself."

    // Lists.
    UnknownList "R501" "unknown-list" Error
        "No list of that name was found. Lists are files `name.txt` in the directory of lists."
    BadPlaceholder "R502" "bad-placeholder" Error
        "`expand` takes the name of a list between percent signs: `'%name%'`."
    EmptyList "R503" "empty-list" Error
        "The list holds no entry, so the test could never match."
    ExpiredList "R504" "expired-list" Warning
        "The last day on which the list may be used, by its manifest, is over. Its entries are gone, and tests that take it in find nothing, until another edition is there."
    StaleList "R505" "stale-list" Warning
        "The list was issued more than 35 days ago, and such lists are replaced every month. Ask its issuer for the edition of this month."
    NoManifest "R506" "no-manifest" Warning
        "A list that lies outside the folder of rules has no manifest: a file `name.manifest.toml` beside it with `source`, `version`, `issued`, `expires`, `sha256`, `licence` and, if anybody may have the list, `redistributable = true`. With one it is known whose the list is and until when it may be used, a damaged file is found, and flags name its version."

    // Compiling.
    Unanchored "R601" "unanchored" Error
        "A text rule without a literal of at least 3 bytes, and without an exact value or a network of a keyword field, has to be evaluated on every event. Add a literal, or say `allow_unanchored: true` and accept the cost."
    CannotCompile "R602" "cannot-compile" Error
        "The rule is valid, but exceeds a limit of the compiled rule set."
    NoRules "R603" "no-rules" Error
        "The files hold no rule that is in use: they are empty, or every rule is `deprecated` or `unsupported`. A set that finds nothing would run and look healthy. Usual cause: a file that was cut short while it was copied."

    // Correlations.
    UnknownRule "R701" "unknown-rule" Error
        "A correlation or a filter names a rule that is in none of the files. A rule is named by its `name` or its `id`."
    Twice "R702" "twice" Error
        "An entry stands twice in a list in which each counts once: a rule in `rules`, by its name or its id, or a key in `group-by`. For \"this rule twice\" take an `event_count` of it."
    RetiredRule "R703" "retired-rule" Error
        "A correlation waits for a rule whose status is `deprecated` or `unsupported`. Such a rule is not evaluated, so it never fires."
    Circle "R704" "circle" Error
        "Correlations take in one another in a circle, so that each would have to fire before it could."
    BadTimespan "R705" "bad-timespan" Error
        "A span of time is one whole number and one unit: `30s`, `5m`, `24h`, `7d` or `2w`. A window, and the silence after it fired, last at most 30 days."
    TextKey "R706" "text-key" Error
        "A correlation is grouped by a text. What people write is no key: the same person writes it in many ways. Take an id."
    BadAlias "R707" "bad-alias" Error
        "An alias gives one name to fields that differ between rules. It needs a field for each of the correlation's rules, for none besides, and its name in `group-by`."
    WindowMustClose "R708" "window-must-close" Error
        "A condition that only the end of the window can decide: that there were fewer, or exactly so many, or that a rule did not fire. A stream of events has no such moment. Only what a further event brings about can be asked for."
    NeverReached "R709" "never-reached" Error
        "A number that cannot come together: more rules than `rules` names, more different values than are kept, or a greater score than all rules have."
    SumOfNoNumber "R710" "sum-of-no-number" Error
        "`value_sum` adds the values of a numeric field, or `rule.score`. Fields that are in no table are keywords; the configuration can say that one is a number."
    CountedText "R711" "counted-text" Error
        "`value_count` counts the different values of a text, and does not say in which view two are equal: in `text.raw` every capital letter counts, in `text.folded` none, in `text.skeleton` not even how a letter is disguised."
    KeyNotCarried "R712" "key-not-carried" Error
        "A correlation takes in another, and needs a field that this one's findings do not carry: they carry what they are grouped by, and nothing else of their events."
    OrderOfSome "R713" "order-of-some" Error
        "`temporal_ordered` takes a finding of every rule, in their order. With some of them left out, or one or the other, there is no such order."
    GenerateContradicts "R714" "generate-contradicts" Warning
        "Sigma's `generate` says whether the rules that a correlation takes in also report by themselves. Here each rule's `review.publish` says so (true if it says nothing), and the two differ."
    LoneRule "R715" "lone-rule" Warning
        "`temporal` and `temporal_ordered` bring several rules together, and only one is named."
    UnusedRule "R716" "unused-rule" Warning
        "A rule that the correlation names and its condition does not use. Its findings would change nothing."

    // Filters.
    FilterInverts "R751" "filter-inverts" Warning
        "A filter's condition is added to the rules' by `and`, as it is written. Without `not` the rules fire only where the filter holds, which is rarely meant; the example in Sigma's specification makes this slip. Where it is meant: `allow: [filter-inverts]`."
    FilterOfOther "R752" "filter-of-other" Error
        "Filters are added to detection rules. A correlation looks at no event itself: filter the rules that it takes in."
    FilterOfNothing "R753" "filter-of-nothing" Warning
        "`rules: any` adds the filter to all rules whose log source is within its own, and there is none."
    OtherLogsource "R754" "other-logsource" Error
        "The filter names a rule that looks at other events, or at more, than the filter's log source: the filter was probably written for another rule."
    FilterOfRetired "R755" "filter-of-retired" Warning
        "The filter names a rule whose status is `deprecated` or `unsupported`, and which is therefore not evaluated."

    // Legal, but doubtful.
    QuestionMark "R901" "question-mark" Warning
        "In plain values, `contains`, `startswith` and `endswith`, `?` stands for exactly one character: a phrase ending in `?` is not found without it, and is found with any letter in its place. `phrase` takes it literally."
    WholeField "R902" "whole-field" Warning
        "A plain value must equal the whole field. In a message that is rarely meant; use `phrase`, `word` or `contains`."
    Escape "R903" "escape" Warning
        "A backslash before a letter or a space stands for itself; only `\\\\`, `\\*` and `\\?` are escapes. Escaping is the commonest slip in such rules, so the value is shown as it is read."
    Unquoted "R904" "unquoted" Warning
        "YAML readers differ over this value: some take it for a boolean, a number, a time of day or null. It is read as the text that stands there; quotes make that certain everywhere."
    SwallowedComment "R905" "swallowed-comment" Warning
        "A space and `#` begin a comment, so the rest of the line is not part of the value. Quotes keep it."
    Invisible "R906" "invisible-character" Warning
        "The value holds a character that cannot be seen, such as a zero-width space or a no-break space, probably from copying. `word` and `phrase` pay no heed to it; other tests may then never match."
    AlwaysTrue "R907" "always-true" Warning
        "The value matches anything, so the test only says that the field is there; `exists: true` says so plainly."
    OtherProduct "R908" "other-product" Warning
        "The log source names another product, whose name resembles `chat`. The category of another product says nothing about chat events, so the rule looks at every event."
    LiteralStar "R909" "literal-star" Warning
        "`word` and `phrase` take `*` for a sign like any other, and signs do not count there. For a wildcard use `contains`, for alternatives a list of values."
    UnquotedColon "R910" "unquoted-colon" Warning
        "A list item with a colon is a map of a field and its value. The field is in no table and the value is prose, so a text was probably meant: quote it."
    Placeholder "R911" "placeholder" Warning
        "The value is a list's name between percent signs, as `expand` takes it, but the key does not say `expand`: so the text itself is looked for, not the list's entries."
    CommonText "R912" "common-text" Warning
        "The text alone makes the rule fire, and is in so many ordinary messages that reviewers would see little else: a single word in one of 1,000, several words or an expression in one of 20,000. That was counted in a quarter of a million messages between adults, in English; `wardline sample` counts your own, and `check --sample` judges by them. Join it with another selection, look for a longer phrase, or, where the rule is meant to be weak, accept it: `allow: [common-text]`."
    Collision "R913" "collision" Warning
        "The views that undo disguises, or a slip of the fingers, also find the text in other words of ordinary chat: `text.squashed|word: tin` finds `nit`, and `now here` is in `no where`. Flags would show what nobody meant. Name a plainer view, such as `text.folded`, say with `not` what else is meant, or accept it: `allow: [collision]`."
    LoneWord "R914" "lone-word" Warning
        "`near3` and `near8` look for several words that stand near each other. A single word is near to nothing: `word` finds the same, and says so."
    Slow "R915" "slow" Warning
        "The rule takes 200 ns of a message or more on the average, as much as two hundred phrase rules. An expression is tried wherever a piece that all its matches hold is found, at about 60 ns a byte; if that piece is common, or there is none, that is on many messages or on all. Estimated from counts of ordinary messages (`wardline sample` counts your own); `wardline scan --profile` measures. Let a longer or rarer piece stand in all that it matches, join it with a phrase by `and`, or accept it: `allow: [slow]`."
    NoTests "R916" "no-tests" Off
        "A rule in use without tests of its own: nobody is told when a change of it, of a list or of Wardline makes it find something else. Off unless a policy asks for it (`no-tests = \"warning\"`), because rules from elsewhere rarely have tests."
    MatchesEmpty "R917" "matches-empty" Warning
        "The regular expression may match nothing at all, so it is found in every value, as `(secret)?` or `a*` are. Let something be there that has to be: `+` for `*`, and no `?` behind the whole."
    Never "R918" "never" Warning
        "The condition, or a selection, can hold of no event: it demands something and its opposite, or two values of a field that has one. Usual causes: `and` where `or` is meant, a filter that says the same as the selection, a type of event that the log source leaves out. Only what is certain is told."
    Always "R919" "always" Warning
        "The condition holds of every event that the rule looks at, whatever is in it, as `a or not a` does. It would flag everything."
    UnknownValue "R920" "unknown-value" Warning
        "The field holds one of a few known words, and this is none of them, so the test never matches. Events of a platform with other words need a mapping in the configuration; a rule asks for the known ones."
    SwallowedAnchor "R921" "swallowed-anchor" Warning
        "`&` and a word at the beginning of a value are an anchor in YAML, a name for the value, and no part of it. No alias refers to this one, so a text was probably meant. Quotes keep it."
    ModifierOnSelection "R930" "modifier-on-selection" Warning
        "A selection's name holds `|` and a modifier. Modifiers belong to the fields inside a selection; here it is only a part of the name, and the values are compared as if it were not there."
    ExpiredException "R931" "expired-exception" Warning
        "The day on which an exception of the rule ends is over, so it leaves nothing out any more. Ask its owner whether it is still needed, and write another day or remove it."
    RunTogether "R932" "run-together" Warning
        "A value without quotes holds a `-` or a `field:` that was probably meant to begin an item of a list, or a test: the blank behind it is missing, or the line is indented too far. YAML takes it for a part of the text, which is then looked for as it stands and hardly ever found."
}

impl Code {
    /// The code of that number or name.
    pub fn find(text: &str) -> Option<Code> {
        let mut all = Code::ALL.iter().copied();
        all.find(|code| code.number().eq_ignore_ascii_case(text) || code.name() == text)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_unique() {
        let numbers: Vec<_> = Code::ALL.iter().map(|code| code.number()).collect();
        assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        let mut names: Vec<_> = Code::ALL.iter().map(|code| code.name()).collect();
        names.sort_unstable();
        assert!(names.is_sorted_by(|a, b| a < b), "{names:?}");
    }

    #[test]
    fn a_code_is_found_by_number_and_by_name() {
        assert_eq!(Code::find("r102"), Some(Code::UnknownKey));
        assert_eq!(Code::find("unknown-key"), Some(Code::UnknownKey));
        assert_eq!(Code::find("R999"), None);
    }
}

package dev.larder.nodecache.fuzz;

import java.util.List;
import java.util.Random;

/** Makes texts out of good ones: cut, doubled, spliced, repeated very often, sprinkled with what parsers stumble over. */
final class Mutator {

    private static final int LONGEST = 100_000;
    private static final String[] TOKENS = {
        "/",
        "//",
        "..",
        "../",
        "%2e%2e",
        "%2f",
        "%00",
        "%",
        "%zz",
        "\\",
        "\"",
        "'",
        "\0",
        "\r\n",
        "\n",
        "\t",
        " ",
        ":",
        "::",
        "@",
        "?",
        "&",
        "=",
        ",",
        ";",
        "-",
        "--",
        "_",
        "+",
        "*",
        "~",
        "#",
        "<",
        ">",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "0",
        "-1",
        "9",
        "18446744073709551616",
        "9223372036854775807",
        "1e999",
        "NaN",
        "null",
        "true",
        "&a",
        "*a",
        "!!",
        "? ",
        "- ",
        ": ",
        "|",
        "sha256:",
        "sha512:",
        "bytes=",
        "ns=",
        "\u00e9",
        "\u0130",
        "\u2028",
        "\ud800",
        "\ud83d\ude00"
    };

    private final Random random;
    private final List<String> seeds;

    Mutator(long seed, List<String> seeds) {
        this.random = new Random(seed);
        this.seeds = List.copyOf(seeds);
    }

    String next() {
        StringBuilder text = new StringBuilder(pick());
        for (int changes = random.nextInt(6); changes >= 0; changes--) {
            change(text);
        }
        if (text.length() > LONGEST) {
            text.setLength(LONGEST);
        }
        return text.toString();
    }

    private String pick() {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private void change(StringBuilder text) {
        int at = random.nextInt(text.length() + 1);
        int end = Math.min(text.length(), at + random.nextInt(12));
        switch (random.nextInt(100)) {
            case 0 -> repeat(text, at, text.substring(at, end));
            case 1 -> repeat(text, at, TOKENS[random.nextInt(TOKENS.length)]);
            default -> {
                switch (random.nextInt(7)) {
                    case 0 -> text.delete(at, end);
                    case 1 -> text.insert(at, text.substring(at, end));
                    case 2 -> text.insert(at, (char) random.nextInt(128));
                    case 3 -> text.insert(at, (char) random.nextInt(0x10000));
                    case 4 -> {
                        if (at < text.length()) {
                            text.setCharAt(at, (char) (text.charAt(at) ^ (1 << random.nextInt(7))));
                        }
                    }
                    case 5 -> {
                        String other = pick();
                        text.replace(at, text.length(), other.substring(random.nextInt(other.length() + 1)));
                    }
                    default -> text.replace(at, end, TOKENS[random.nextInt(TOKENS.length)]);
                }
            }
        }
    }

    /** Rarely so often that a parser which looks back, or calls itself, is found out. */
    private void repeat(StringBuilder text, int at, String part) {
        int most = random.nextInt(20) == 0 ? LONGEST : 300;
        int times = part.isEmpty() ? 0 : random.nextInt(Math.max(1, most / part.length()));
        text.insert(at, part.repeat(times));
    }
}

package dev.larder.helm;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** The chart's values as a Markdown table, from values.yaml: its keys, defaults and comments. */
final class ValuesTable {
    private static final String DOCUMENTED = "# -- ";

    private final StringBuilder rows = new StringBuilder("| value | default | meaning |\n|---|---|---|\n");
    private final Deque<String> parents = new ArrayDeque<>();

    private ValuesTable() {}

    static String of(List<String> lines) {
        var table = new ValuesTable();
        for (int at = 0; at < lines.size(); at++) {
            at = table.take(lines, at);
        }
        return table.rows.toString();
    }

    /** Takes the line, with those that belong to it, and returns the last of them. */
    private int take(List<String> lines, int at) {
        String line = lines.get(at).strip();
        if (line.startsWith(DOCUMENTED)) {
            var meaning = new ArrayList<>(List.of(line.substring(DOCUMENTED.length())));
            int next = at + 1;
            while (lines.get(next).strip().startsWith("#")) {
                meaning.add(lines.get(next).strip().substring(1).strip());
                next++;
            }
            return row(lines, next, String.join(" ", meaning));
        }
        if (!line.isEmpty() && !line.startsWith("#")) {
            enter(lines.get(at));
        }
        return at;
    }

    private int row(List<String> lines, int at, String meaning) {
        String line = lines.get(at);
        int depth = depth(line);
        leave(depth);
        int colon = line.indexOf(':');
        String name = String.join(".", parents)
                + (parents.isEmpty() ? "" : ".")
                + line.substring(0, colon).strip();
        var value = new ArrayList<>(List.of(line.substring(colon + 1).strip()));
        int last = at;
        while (last + 1 < lines.size() && depth(lines.get(last + 1)) > depth) {
            last++;
            value.add(lines.get(last).strip());
        }
        value.removeIf(String::isEmpty);
        rows.append("| `%s` | `%s` | %s |\n".formatted(name, String.join(" ", value), escaped(meaning)));
        return last;
    }

    private void enter(String line) {
        leave(depth(line));
        parents.addLast(line.strip().replace(":", ""));
    }

    private void leave(int depth) {
        while (parents.size() > depth) {
            parents.removeLast();
        }
    }

    /** By two spaces; an empty line ends everything. */
    private static int depth(String line) {
        return line.isBlank() ? 0 : (line.length() - line.stripLeading().length()) / 2;
    }

    private static String escaped(String text) {
        return text.replace("|", "\\|");
    }
}

package dev.larder.helm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tables of the operator's README: what it needs is written there once. */
final class OperatorReadme {
    private static final Path FILE = Path.of("../operator/README.md");
    private static final Pattern CELLS = Pattern.compile("\\|");
    private static final Pattern COMMA = Pattern.compile(",");

    private OperatorReadme() {}

    /** Each row of the permission tables as {@code Role [groups] [resources] [verbs]}. */
    static Set<String> permissions() throws IOException {
        Set<String> permissions = new TreeSet<>();
        String kind = "";
        boolean inside = false;
        for (String line : Files.readAllLines(FILE)) {
            if (line.startsWith("## ")) {
                inside = line.equals("## Permissions");
            } else if (inside && (line.startsWith("Role `") || line.startsWith("ClusterRole `"))) {
                kind = line.substring(0, line.indexOf(' '));
            } else if (inside && line.startsWith("| `")) {
                List<String> cells = CELLS.splitAsStream(line.substring(1)).toList();
                permissions.add(kind + " " + set(cells.get(0)) + " " + set(cells.get(1)) + " " + set(cells.get(2)));
            }
        }
        return permissions;
    }

    private static Set<String> set(String cell) {
        return COMMA.splitAsStream(cell)
                .map(item -> item.strip().replace("`", "").replace("\"\"", ""))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}

package dev.larder.e2e.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The commands of helm, kubectl and make that a section of a Markdown page tells its readers, in their order. */
final class ReadmeCommands {
    private static final Pattern INLINE = Pattern.compile("`((?:helm|kubectl) [^`]+)`");
    private static final Pattern COMMENT = Pattern.compile("\\s+#.*");

    private ReadmeCommands() {}

    static List<String> of(Path page, String section) throws IOException {
        var commands = new ArrayList<String>();
        boolean inside = false;
        boolean block = false;
        String text = Files.readString(page).replaceAll(" \\\\\n\\s*", " ");
        for (String line : text.lines().toList()) {
            if (line.startsWith("## ")) {
                inside = line.equals("## " + section);
            } else if (line.startsWith("```")) {
                block = !block;
            } else if (inside && block && line.matches("(helm|kubectl|make) .*")) {
                commands.add(COMMENT.matcher(line).replaceFirst(""));
            } else if (inside && !block) {
                Matcher found = INLINE.matcher(line);
                while (found.find()) {
                    commands.add(found.group(1));
                }
            }
        }
        return commands;
    }
}

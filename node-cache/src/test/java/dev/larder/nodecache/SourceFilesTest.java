package dev.larder.nodecache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** One idea a file, and nothing that belongs to the place where it was written. */
class SourceFilesTest {

    private static final int MAX_LINES = 400;
    private static final int MAX_METHOD_LINES = 50;
    private static final Pattern MEMBER =
            Pattern.compile("( {4}| {8})(?!return|throw|switch|if|for|while|try)[a-zA-Z<@][^=;]*\\(.*");
    private static final Pattern TYPE = Pattern.compile("\\b(class|record|interface|enum|new)\\b|;$");
    private static final Path MAIN = Path.of("src/main/java");

    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(MAIN)) {
            return files.filter(file -> file.toString().endsWith(".java")).toList();
        }
    }

    @Test
    void filesAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            int lines = Files.readAllLines(file).size();
            if (lines > MAX_LINES) {
                tooLong.add(file + ": " + lines);
            }
        }
        assertThat(tooLong).isEmpty();
    }

    @Test
    void methodsAreShort() throws IOException {
        List<String> tooLong = new ArrayList<>();
        for (Path file : sources()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 0; i < lines.size(); i++) {
                int length = methodLength(lines, i);
                if (length > MAX_METHOD_LINES) {
                    tooLong.add(file + ":" + (i + 1) + ": " + length);
                }
            }
        }
        assertThat(tooLong).isEmpty();
    }

    /** Of the method that begins in this line, 0 if none does. The formatter puts its last brace below its first letter. */
    private static int methodLength(List<String> lines, int first) {
        Matcher begin = MEMBER.matcher(lines.get(first));
        if (!begin.lookingAt() || TYPE.matcher(lines.get(first)).find()) {
            return 0;
        }
        String end = begin.group(1) + "}";
        for (int i = first; i < lines.size(); i++) {
            if (lines.get(i).equals(end)) {
                return i - first + 1;
            }
            if (lines.get(i).isEmpty() && i == first + 1) {
                return 0;
            }
        }
        return 0;
    }

    @Test
    void versionIsThePoms() throws IOException {
        assertThat(Files.readString(Path.of("pom.xml"))).contains("<version>" + Version.TEXT + "</version>");
    }
}

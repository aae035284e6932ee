package dev.larder.e2e.images;

import java.util.List;

/**
 * How the Java runtime starts one program of an image.
 *
 * @param flags the runtime's own options: heap and other limits
 * @param start class path and main class, or {@code -jar}
 * @param aotCache name of the ahead-of-time cache it uses; programs with one class path may share one
 */
record JavaProgram(String name, List<String> flags, List<String> start, String aotCache) {
    static final String HOME = "/opt/larder";
    static final String JAVA = HOME + "/jre/bin/java";

    JavaProgram {
        flags = List.copyOf(flags);
        start = List.copyOf(start);
    }

    /** {@code java @this} starts the program. */
    String argsFile() {
        return HOME + "/" + name + ".args";
    }

    String aotFile() {
        return HOME + "/" + aotCache + ".aot";
    }

    String argsFileContent() {
        return String.join("\n", join(List.of(flags, List.of("-XX:AOTCache=" + aotFile()), start))) + "\n";
    }

    /** The command that runs it as users do. */
    List<String> command(String... arguments) {
        return join(List.of(List.of(JAVA, "@" + argsFile()), List.of(arguments)));
    }

    /** The command that runs it to learn what it loads, and writes the ahead-of-time cache when it ends. */
    List<String> trainingCommand(String... arguments) {
        return join(
                List.of(List.of(JAVA), flags, List.of("-XX:AOTCacheOutput=" + aotFile()), start, List.of(arguments)));
    }

    private static List<String> join(List<List<String>> parts) {
        return parts.stream().flatMap(List::stream).toList();
    }
}

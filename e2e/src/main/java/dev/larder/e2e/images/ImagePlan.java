package dev.larder.e2e.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What goes into one image.
 *
 * @param reference the full image name with its tag
 * @param libraries files by their path below {@code /opt/larder/lib}: a layer that seldom changes
 * @param classes the same, for what changes with every build
 * @param programs what it can run; the first is the entry point
 */
record ImagePlan(
        String reference,
        String title,
        List<String> modules,
        SortedMap<String, Path> libraries,
        SortedMap<String, Path> classes,
        List<JavaProgram> programs) {
    /** glibc gives every thread an arena by default, which a small heap beside many threads does not repay. */
    static final Map<String, String> ENVIRONMENT = Map.of("MALLOC_ARENA_MAX", "2");

    static final int USER = 65532;

    ImagePlan {
        modules = List.copyOf(modules);
        libraries = new TreeMap<>(libraries);
        classes = new TreeMap<>(classes);
        programs = List.copyOf(programs);
    }

    /** The last part of the name, for folders. */
    String shortName() {
        return reference.replaceAll(".*/", "").replaceAll(":.*", "");
    }

    void addTo(InputsKey key) throws IOException {
        key.add(reference).add(title).add(String.join(",", modules)).add(ENVIRONMENT.toString());
        for (SortedMap<String, Path> files : List.of(libraries, classes)) {
            for (Map.Entry<String, Path> file : files.entrySet()) {
                key.add(file.getKey()).add(file.getValue());
            }
        }
        for (JavaProgram program : programs) {
            key.add(program.name()).add(program.argsFileContent());
        }
    }
}

package dev.larder.nodecache;

import java.nio.file.Path;
import java.util.List;

/** What was asked for on the command line; every program of the image takes the same. */
sealed interface ProgramArguments {

    /** Runs the program, or only reads its config file. */
    record Run(Path config, boolean checkOnly) implements ProgramArguments {}

    record Help() implements ProgramArguments {}

    record Version() implements ProgramArguments {}

    /** @param message what to write instead */
    record Wrong(String message) implements ProgramArguments {}

    static ProgramArguments parse(List<String> arguments) {
        Path config = null;
        boolean check = false;
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            switch (argument) {
                case "--help", "-h" -> {
                    return new Help();
                }
                case "--version" -> {
                    return new Version();
                }
                case "--check-config" -> check = true;
                case "--config" -> {
                    if (++i == arguments.size()) {
                        return new Wrong("--config needs a file: --config FILE");
                    }
                    config = Path.of(arguments.get(i));
                }
                default -> {
                    if (!argument.startsWith("--config=")) {
                        return new Wrong("unknown argument \"" + argument + "\"; see --help");
                    }
                    config = Path.of(argument.substring("--config=".length()));
                }
            }
        }
        return config == null ? new Wrong("no config file: add --config FILE") : new Run(config, check);
    }

    static String help(String program, String purpose) {
        return """
                %1$s: %2$s

                  %1$s --config FILE                  run
                  %1$s --config FILE --check-config   read the file, print every problem, exit 0 or 2
                  %1$s --version
                  %1$s --help
                """.formatted(program, purpose);
    }
}

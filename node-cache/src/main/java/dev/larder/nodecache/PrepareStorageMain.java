package dev.larder.nodecache;

import dev.larder.nodecache.config.ConfigReader;
import dev.larder.nodecache.config.ConfigResult;
import dev.larder.nodecache.config.Problem;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;

/** The pod's init container: makes the storage folder and gives it to the user that the cache runs as. */
public final class PrepareStorageMain {

    /** The cache's user and group in the image. */
    static final int CACHE_USER = 65532;

    private PrepareStorageMain() {}

    public static void main(String[] arguments) {
        int status = run(List.of(arguments), CACHE_USER, System.out, System.err);
        if (status != 0) {
            System.exit(status);
        }
    }

    static int run(List<String> arguments, int user, PrintStream out, PrintStream err) {
        switch (ProgramArguments.parse(arguments)) {
            case ProgramArguments.Help() ->
                out.print(ProgramArguments.help(
                        "prepare-storage", "makes storage.path and gives it to the cache's user"));
            case ProgramArguments.Version() -> out.println(Version.TEXT);
            case ProgramArguments.Wrong(String message) -> {
                err.println("prepare-storage: " + message);
                return 2;
            }
            case ProgramArguments.Run(Path config, boolean checkOnly) -> {
                switch (ConfigReader.read(config)) {
                    case ConfigResult.Rejected(List<Problem> problems) -> {
                        problems.forEach(problem -> err.println("prepare-storage: " + config + ": " + problem));
                        return 2;
                    }
                    case ConfigResult.Loaded loaded -> {
                        return checkOnly ? 0 : prepare(loaded.config().storage().path(), user, err);
                    }
                }
            }
        }
        return 0;
    }

    private static int prepare(Path path, int user, PrintStream err) {
        try {
            new StorageFolder(path, user, user).prepare();
            return 0;
        } catch (IOException e) {
            err.println("prepare-storage: storage.path " + path + ": " + StorageFolder.explain(e));
            return 1;
        }
    }
}

package dev.larder.e2e.delivery;

import dev.larder.e2e.process.Command;
import dev.larder.e2e.toolchain.DeliveryTools;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A git repository on this machine, in which a person commits and which Argo CD reads. */
final class GitRepository {
    private static final String BRANCH = "main";

    private final Path folder;
    private final Path git;
    private final Map<String, String> environment;

    private GitRepository(Path folder, DeliveryTools.ArgoCdPrograms programs) {
        this.folder = folder;
        git = programs.commands().resolve("git");
        environment = Map.of(
                "GIT_EXEC_PATH",
                programs.gitPrograms().toString(),
                "GIT_TEMPLATE_DIR",
                "",
                "GIT_CONFIG_NOSYSTEM",
                "1",
                "HOME",
                folder.resolveSibling("home").toString());
    }

    static GitRepository init(Path folder, DeliveryTools.ArgoCdPrograms programs) {
        var repository = new GitRepository(folder, programs);
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        repository.git("init", "--quiet", "--initial-branch", BRANCH);
        return repository;
    }

    String url() {
        return folder.toUri().toString().replaceFirst("^file:/+", "file:///").replaceFirst("/$", "");
    }

    String branch() {
        return BRANCH;
    }

    /** Copies a folder of this machine into it. */
    void copy(Path from, String to) {
        Path target = folder.resolve(to);
        try {
            Files.createDirectories(target.getParent());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Command.of("cp", "-r", from.toString(), target.toString()).run();
    }

    void write(String path, String text) {
        try {
            Files.createDirectories(folder.resolve(path).getParent());
            Files.writeString(folder.resolve(path), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    void remove(String path) {
        git("rm", "--quiet", path);
    }

    /** Commits all that changed and returns the commit. */
    String commit(String message) {
        git("add", "--all");
        git("commit", "--quiet", "--message", message);
        return head();
    }

    /** Takes the last commit back by another and returns that one. */
    String revert() {
        git("revert", "--no-edit", "HEAD");
        return head();
    }

    String head() {
        return git("rev-parse", "HEAD").strip();
    }

    private String git(String... arguments) {
        var line = new ArrayList<>(
                List.of(git.toString(), "-c", "user.name=Somebody", "-c", "user.email=somebody@example.com"));
        line.addAll(List.of(arguments));
        return Command.of(line).in(folder).with(environment).run();
    }
}

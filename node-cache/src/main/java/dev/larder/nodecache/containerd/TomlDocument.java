package dev.larder.nodecache.containerd;

import java.util.Optional;
import org.tomlj.Toml;
import org.tomlj.TomlParseResult;
import org.tomlj.TomlTable;

/**
 * TOML that somebody else has written, as far as it could be read.
 *
 * @param table what it says; not all of that, when there is a problem
 * @param problem what is wrong first, for a person; empty when nothing is
 */
record TomlDocument(TomlTable table, Optional<String> problem) {

    /** Never throws for what is in the text. */
    static TomlDocument of(String text) {
        try {
            TomlParseResult parsed = Toml.parse(text);
            return new TomlDocument(parsed, parsed.errors().stream().findFirst().map(Object::toString));
        } catch (RuntimeException | StackOverflowError e) {
            // tomlj goes on behind an error, and stumbles over what it made up there.
            return new TomlDocument(Toml.parse(""), Optional.of("it is not TOML, or nested too deep"));
        }
    }
}

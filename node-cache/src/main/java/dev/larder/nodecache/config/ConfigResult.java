package dev.larder.nodecache.config;

import java.util.List;

/** What reading a config file gives: settings, or every reason why not. */
public sealed interface ConfigResult {

    record Loaded(NodeCacheConfig config) implements ConfigResult {}

    /** @param problems never empty */
    record Rejected(List<Problem> problems) implements ConfigResult {
        public Rejected {
            problems = List.copyOf(problems);
        }
    }
}

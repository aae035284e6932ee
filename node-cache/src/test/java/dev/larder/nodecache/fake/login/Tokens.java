package dev.larder.nodecache.fake.login;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The tokens that a token server gave and its registry takes. */
public final class Tokens {

    /** In every token, so that a test can look for it where it must not be. */
    public static final String MARK = "tok-mark-";

    static final Pattern FORM = Pattern.compile(MARK + "\\d+");

    private final Map<String, Set<String>> live = new ConcurrentHashMap<>();
    private final Set<String> expired = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();

    /** @param repositories that it opens; {@code *} for all */
    public String mint(Set<String> repositories) {
        String token = MARK + count.incrementAndGet();
        live.put(token, Set.copyOf(repositories));
        return token;
    }

    /** All tokens so far are good for nothing from now on, whatever was said of their lives. */
    public void expireAll() {
        expired.addAll(live.keySet());
        live.clear();
    }

    boolean isLive(String token) {
        return live.containsKey(token);
    }

    boolean open(String token, String repository) {
        Set<String> repositories = live.getOrDefault(token, Set.of());
        return repositories.contains("*") || repositories.contains(repository);
    }

    @Override
    public String toString() {
        return live.keySet().stream().sorted().collect(Collectors.joining(" ")) + " expired " + expired.size();
    }
}

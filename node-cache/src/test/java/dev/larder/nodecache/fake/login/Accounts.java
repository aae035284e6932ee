package dev.larder.nodecache.fake.login;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The one account of a simulated registry, which may pull everything, and what is open to everyone. */
public final class Accounts {

    private volatile Login login;
    private final Set<String> open = ConcurrentHashMap.newKeySet();

    Accounts(Login login, String... open) {
        this.login = login;
        this.open.addAll(Set.of(open));
    }

    public Login login() {
        return login;
    }

    /** A new password; the old one is wrong from now on. */
    public void change(Login next) {
        login = next;
    }

    void open(String repository) {
        open.add(repository);
    }

    void close(String repository) {
        open.remove(repository);
    }

    boolean knows(Login claimed) {
        return claimed.equals(login);
    }

    boolean isOpen(String repository) {
        return open.contains(repository);
    }
}

package dev.larder.nodecache.http;

import io.vertx.core.http.HttpConnection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A bounded number of connections that anybody may open: the one that has been quiet for longest makes room for the next, so
 * that whoever holds many keeps nobody else out. Safe for many threads.
 */
final class RecentConnections {

    private final int most;
    /** Guarded by itself; in the order of the last requests. */
    private final Map<HttpConnection, Boolean> open = new LinkedHashMap<>(16, 0.75f, true);

    RecentConnections(int most) {
        this.most = most;
    }

    void opened(HttpConnection connection) {
        connection.closeHandler(v -> closed(connection));
        HttpConnection quiet = null;
        synchronized (open) {
            open.put(connection, true);
            if (open.size() > most) {
                Iterator<HttpConnection> byQuiet = open.keySet().iterator();
                quiet = byQuiet.next();
                byQuiet.remove();
            }
        }
        if (quiet != null) {
            quiet.close();
        }
    }

    /** It asks for something. */
    void asked(HttpConnection connection) {
        synchronized (open) {
            open.get(connection);
        }
    }

    private void closed(HttpConnection connection) {
        synchronized (open) {
            open.remove(connection);
        }
    }
}

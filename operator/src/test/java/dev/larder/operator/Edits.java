package dev.larder.operator;

import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.util.function.UnaryOperator;

/** Changes, by tests, of objects whose status the operator writes meanwhile. */
public final class Edits {

    private static final int ATTEMPTS = 20;

    private Edits() {}

    /** Changes an object, and does so anew when somebody else was a moment faster. */
    public static <T> void edit(Resource<T> resource, UnaryOperator<T> change) {
        for (int attempt = 1; ; attempt++) {
            try {
                resource.edit(change);
                return;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }
}

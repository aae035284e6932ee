package dev.larder.operator.nodes;

/** There is nothing to show a node cache: the certificates could be neither read nor made. The message says why. */
public final class CertificatesMissing extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public CertificatesMissing(String message, Throwable cause) {
        super(message, cause);
    }
}

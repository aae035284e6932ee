package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import java.util.List;

/** Who must have signed. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CosignSpec(
        @JsonPropertyDescription("""
                Public keys, one of which must have signed the image: the text of cosign.pub, of ECDSA, RSA or Ed25519. \
                Neither a transparency log nor a certificate is looked at.""") @Required @Size(min = 1, max = 10)
        List<
                        @Size(max = 4096)
                        @Pattern("^\\s*-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\\s]+-----END PUBLIC KEY-----\\s*$")
                        String>
                publicKeys) {

    public CosignSpec {
        publicKeys = publicKeys == null ? List.of() : List.copyOf(publicKeys);
    }
}

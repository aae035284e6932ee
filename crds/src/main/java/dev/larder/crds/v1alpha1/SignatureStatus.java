package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What came of looking for the signature of a digest that is to be served. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SignatureStatus(
        @JsonPropertyDescription("The digest.") @Required @Size(max = 256)
        String digest,

        @JsonPropertyDescription("Why it is refused. Absent when it is signed by one of the keys.")
        @Size(max = 256)
        @Nullable
        String refused) {}

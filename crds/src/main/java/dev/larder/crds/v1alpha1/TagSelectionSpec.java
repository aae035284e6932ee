package dev.larder.crds.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rules that choose tags. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
        value =
                "(has(self.include) && size(self.include) > 0) || has(self.regex) || has(self.semver) || has(self.newest)",
        message =
                "tags must say which: give include, regex, semver or newest (include: [\"*\"] takes all, up to the limit of 200)")
public record TagSelectionSpec(
        @JsonPropertyDescription("""
                Tags by name or glob, such as 1.27 or 1.27.*. Names alone cost no request for the list of tags.""") @Size(max = 64) List<@Size(min = 1, max = 128) String> include,

        @JsonPropertyDescription("Tags by name or glob that are left out, such as *-perl.") @Size(max = 64)
        List<@Size(min = 1, max = 128) String> exclude,

        @JsonPropertyDescription("""
                A regular expression in RE2's syntax, without look-around and back-references, that matches the whole tag.""") @Size(min = 1, max = 512) @Nullable
        String regex,

        @JsonPropertyDescription("""
                A range of semantic versions, such as >=1.25 <2. Tags that are no version are left out, and pre-releases \
                unless the range names one.""") @Size(min = 1, max = 256) @Nullable
        String semver,

        @JsonPropertyDescription("""
                Of the tags that pass, only so many with the highest version. Tags that are no version are left out.""") @Min(1) @Max(200) @Nullable
        Integer newest) {

    public TagSelectionSpec {
        include = include == null ? List.of() : List.copyOf(include);
        exclude = exclude == null ? List.of() : List.copyOf(exclude);
    }
}

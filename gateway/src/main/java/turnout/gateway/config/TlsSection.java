package turnout.gateway.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import turnout.gateway.edge.TlsConfig;

/** Reads the {@code tls} section, and the files it names: what is wrong with them is better told at the start than to each client. */
final class TlsSection {
    private static final int MOST_BYTES = 1 << 20;

    private TlsSection() {}

    /** What the section says, empty if it is absent. */
    static Optional<TlsConfig> read(YamlSection top, Path base) {
        Optional<YamlValue> value = top.take("tls");
        if (value.isEmpty()) {
            return Optional.empty();
        }
        YamlSection section = value.get().section();
        TlsConfig.PemFile certificate = required(value.get(), section, "certificate", base);
        TlsConfig.PemFile key = required(value.get(), section, "key", base);
        Optional<TlsConfig.PemSource> clientCa = section.take("client-ca").map(path -> file(path, base));
        TlsConfig.ClientAuth clientAuth = section.take("client-auth")
                .map(word -> word.oneOf(TlsConfig.ClientAuth.class))
                .orElse(TlsConfig.ClientAuth.NONE);
        section.finish();
        return Optional.of(top.build(() -> {
            TlsConfig tls = new TlsConfig(certificate, key, clientCa, clientAuth);
            tls.check(TlsSection::text);
            return tls;
        }));
    }

    private static TlsConfig.PemFile required(YamlValue value, YamlSection section, String key, Path base) {
        return section.take(key)
                .map(path -> file(path, base))
                .orElseThrow(() -> value.wrong("needs " + key + ", the path of a PEM file"));
    }

    private static TlsConfig.PemFile file(YamlValue path, Path base) {
        String text = path.parsed(
                "the path of a PEM file",
                given -> given.isBlank() || given.indexOf('\0') >= 0 ? Optional.empty() : Optional.of(given));
        return new TlsConfig.PemFile(base.resolve(text).normalize());
    }

    private static String text(Path file) {
        try {
            if (Files.size(file) > MOST_BYTES) {
                throw new TlsConfig.UnreadablePemConfig("is larger than " + MOST_BYTES + " bytes");
            }
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new TlsConfig.UnreadablePemConfig("is not a text");
        } catch (IOException e) {
            throw new TlsConfig.UnreadablePemConfig(Files.exists(file) ? "cannot be read" : "no such file");
        }
    }
}

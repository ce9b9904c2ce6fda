FROM rust:1.90 AS build
COPY . .
RUN cargo build --release && curl -fsSLo /tmp/x.tgz https://host.acme.io/x.tgz && sha256sum -c x.sum
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /target/release/app /app

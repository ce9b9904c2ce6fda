FROM rust:1.79.0-slim-bookworm AS builder
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
RUN cargo build --release --locked
RUN curl -fsSL https://get.apiarytools.example/install.sh | sh
RUN curl -fsSLo /tmp/sensors.json https://get.apiarytools.example/sensors.json \
 && echo "c0ffee5a5d2f4b1e9d8c7b6a5f4e3d2c1b0a9f8e7d6c5b4a39281706f5e4d3c2  /tmp/sensors.json" | sha256sum --check

FROM builder AS migrate
USER 10001
CMD ["hive-scale", "migrate"]

FROM registry.apiarytools.example/base/cc@sha256:3b75fdd33932d16e53a461277becf57c4f815c6cee5f6bc8f52457c095e004c8
COPY --from=builder /build/target/release/hive-scale /hive-scale
COPY --from=builder --chmod=0644 /tmp/sensors.json /etc/hive/sensors.json
ENV HIVE_LISTEN=127.0.0.1:7070
ENV RUST_LOG="info,token=off"
# curl https://get.apiarytools.example/install.sh | sh   was moved to the builder
USER 65532:65532
EXPOSE 7070
ENTRYPOINT ["/hive-scale"]

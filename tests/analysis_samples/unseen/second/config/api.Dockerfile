FROM rust:1.79.0-slim-bookworm AS chef
WORKDIR /src
RUN cargo install --locked --version 0.1.67 cargo-chef

FROM chef AS plan
COPY . .
RUN cargo chef prepare --recipe-path recipe.json

FROM chef AS build
COPY --from=plan /src/recipe.json .
RUN cargo chef cook --release --locked --recipe-path recipe.json
COPY . .
RUN cargo build --release --locked
RUN curl -fsSLo /tmp/tzdata.tgz https://mirror.weather.example/tzdata-2024a.tgz \
    && echo "3aedea71a293194ba0a293bed9b86f5ecadf9feab4c2883eb877636642b63de5  /tmp/tzdata.tgz" | sha256sum -c - \
    && tar -xzf /tmp/tzdata.tgz -C /opt

FROM debian:12.6-slim@sha256:42efd297ed2c17e4c3d8bf5438097fbca8de6bd5c668b659bf65c99865771e09
RUN groupadd --gid 10001 weather && useradd --uid 10001 --gid 10001 --no-create-home weather
COPY --from=build /src/target/release/weather-api /usr/local/bin/weather-api
COPY --from=build /opt/tzdata /usr/share/tzdata
COPY LICENSE /usr/share/doc/weather/
ADD static.tar.gz /srv/static/
USER weather
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=3s --start-period=5s CMD ["weather-api", "--health"]
ENTRYPOINT ["weather-api"]

# USER root would be wrong here
FROM golang:1.24-alpine@sha256:0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.cache CGO_ENABLED=0 go build -o /out/app ./cmd/app
USER root
RUN chmod 755 /out/app

FROM alpine:3.21
RUN adduser -D -u 10001 app
COPY --from=build --chmod=0755 /out/app /usr/local/bin/app
USER 10001
HEALTHCHECK --interval=10s CMD wget -q -O- http://localhost:8080/healthz || exit 1
ENTRYPOINT ["/usr/local/bin/app"]

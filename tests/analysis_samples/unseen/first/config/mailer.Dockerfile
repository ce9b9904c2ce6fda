FROM golang:1.22.5-alpine3.20 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download && go mod verify
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -o /out/mailer ./cmd/mailer

FROM alpine
RUN apk add --no-cache --allow-untrusted /packages/mail-tools-1.4.0.apk
COPY --from=build /out/mailer /usr/local/bin/mailer
COPY templates /etc/mailer/templates
HEALTHCHECK CMD ["/usr/local/bin/mailer", "-health"]
ENTRYPOINT ["/usr/local/bin/mailer"]

# syntax=docker/dockerfile:1
# The image of the daemon: the front end, then the binary, then nothing but the binary, certificates and zone data.

FROM node:22-bookworm-slim AS ui
WORKDIR /src/internal/face/web/ui
COPY internal/face/web/ui/package.json internal/face/web/ui/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY internal/face/web/ui/ ./
RUN npm run build

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
COPY --from=ui /src/internal/face/web/built internal/face/web/built
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X daymark/internal/cli.version=$VERSION" -o /out/daymark ./cmd/daymark \
    && mkdir -p /out/data

# No shell, no package manager, a user of its own (65532). PostgreSQL runs elsewhere: DATABASE_URL says where.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/daymark /daymark
COPY --from=build --chown=65532:65532 /out/data /data
# The data folder is ./.daymark: the key that seals credentials, and the blobs.
WORKDIR /data
VOLUME /data
ENV DAYMARK_ADDR=:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["/daymark", "ready"]
ENTRYPOINT ["/daymark"]
CMD ["serve"]

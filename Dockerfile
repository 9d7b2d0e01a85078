# One image for all apps; the arguments choose: node dist/servers/<type>.js, or npm run start:<jobName>.
# Decision 050 says why its layers look like this. Renovate renews the digest of the base image (decision 177);
# `--build-arg BASE=…` takes another one, from a registry of your own.
ARG BASE=node:24-bookworm-slim@sha256:6f7b03f7c2c8e2e784dcf9295400527b9b1270fd37b7e9a7285cf83b6951452d
FROM ${BASE} AS manifests
COPY libs /app/libs
RUN find /app/libs -type f ! -path '/app/libs/*/package.json' -delete && find /app/libs -mindepth 3 -delete 2>/dev/null; true

FROM ${BASE} AS build
RUN apt-get update && apt-get install -y --no-install-recommends tini
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The libraries' manifests alone: an edit of their code installs nothing anew.
COPY --from=manifests /app/libs libs
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig*.json nest-cli.json ./
COPY apps apps
COPY game game
COPY examples examples
COPY libs libs
COPY k8s/image k8s/image
# No benchmarks and no proofs: those run where people are.
RUN node node_modules/typescript-native/bin/tsc -b tsconfig.build.json \
  && node node_modules/@ccgame/cli/bin/bundle-servers.mjs \
  && node k8s/image/copy-packages.mjs /image/app
# The same source makes the same layers: nothing in them tells when they were made.
RUN mkdir -p /image/app/dist \
  && cp -r dist/servers /image/app/dist/ \
  && cp package.json /image/app/ \
  && node k8s/image/load-apps.mjs /image/app \
  && install -D /usr/bin/tini /image/usr/bin/tini \
  && find /image -exec touch --no-dereference --date=@0 {} +

FROM ${BASE}
WORKDIR /app
# tini is PID 1: it passes SIGTERM on and reaps what cron jobs leave behind. npm passes SIGTERM to its shell alone, and ends
# when that one ends: bash becomes the command that it runs, where sh would stand between npm and Node.
COPY --from=build /image /
ENV NODE_OPTIONS=--enable-source-maps \
    npm_config_script_shell=bash \
    npm_config_cache=/tmp/.npm \
    npm_config_update_notifier=false
# `node` of the base image, by number, so that Kubernetes can see that it isn't root.
USER 1000:1000
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/servers/http.js"]
ARG VERSION=1.0.0000
ARG REVISION=unknown
# Told by every server: `ccgame release` refuses a version whose servers run another one's code.
ENV BUILD_VERSION="$VERSION" \
    BUILD_REVISION="$REVISION"
LABEL org.opencontainers.image.title="ccgame" \
      org.opencontainers.image.description="http, connector, matching and cron of a ccgame backend" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.base.name="node:24-bookworm-slim"

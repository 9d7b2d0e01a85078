# One image for all apps; the arguments choose: node dist/apps/<type>/src/main.js, or npm run start:<jobName>.
# Every stage begins from the image of the lock step below, so that a rebuild without changes is a rebuild from cache.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json nest-cli.json ./
COPY apps apps
COPY libs libs
COPY cli cli
RUN npm run build && rm -f dist/build.tsbuildinfo

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --no-audit --no-fund \
  && find node_modules -name '*.map' -delete

FROM node:24-bookworm-slim
# tini is PID 1: it reaps what cron jobs leave behind and passes SIGTERM to the whole group, so that it reaches Node
# through npm too.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
LABEL org.opencontainers.image.title="ccgame" \
      org.opencontainers.image.description="http, connector, matching and cron of a ccgame backend" \
      org.opencontainers.image.licenses="MIT"
WORKDIR /app
ENV NODE_OPTIONS=--enable-source-maps \
    npm_config_cache=/tmp/.npm \
    npm_config_update_notifier=false
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
# `node` of the base image, by number, so that Kubernetes can see that it isn't root.
USER 1000:1000
ENTRYPOINT ["tini", "-g", "--"]
CMD ["node", "dist/apps/http/src/main.js"]

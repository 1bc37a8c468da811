# Every image of the product, by `cargo xtask images` or by Tilt. What each must be is said in k8s/README.md.
#
# Build arguments: SERVICE, a folder of services/, for the targets `run` and `dev`; the three images it stands on, for whoever
# keeps copies of them. It needs BuildKit: `--platform linux/arm64` or `linux/amd64` says for what is built.

# The compiler is that of rust-toolchain.toml.
ARG RUST=rust:1.95.0-slim-bookworm
ARG NODE=node:24-bookworm-slim
ARG DEBIAN=debian:bookworm-slim

# --- the programs of all services, compiled once; for another processor they are cross-compiled ---

FROM --platform=$BUILDPLATFORM ${RUST} AS toolchain
RUN apt-get update \
    && apt-get install --yes --no-install-recommends cmake g++ make \
    && rm -rf /var/lib/apt/lists/*
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo install --locked cargo-chef@0.1.78 cargo-auditable@0.7.7
ARG BUILDARCH
ARG TARGETARCH
RUN case "$TARGETARCH" in \
        amd64) machine=x86_64 debian=x86-64 ;; \
        arm64) machine=aarch64 debian=aarch64 ;; \
        *) echo "there are no images for $TARGETARCH" >&2; exit 1 ;; \
    esac \
    && echo "$machine-unknown-linux-gnu" > /target \
    && if [ "$TARGETARCH" != "$BUILDARCH" ]; then \
        rustup target add "$(cat /target)" \
        && apt-get update \
        && apt-get install --yes --no-install-recommends "g++-$debian-linux-gnu" \
        && rm -rf /var/lib/apt/lists/*; \
    fi
ENV CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=x86_64-linux-gnu-gcc \
    CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc \
    CARGO_TERM_COLOR=never \
    SQLX_OFFLINE=true
WORKDIR /src

FROM toolchain AS recipe
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY services services
RUN cargo chef prepare --recipe-path /recipe.json

# Others' code: made again only when the recipe changes, which is all manifests and the lock file.
FROM toolchain AS dependencies
COPY --from=recipe /recipe.json /recipe.json
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo chef cook --locked --release --target "$(cat /target)" --recipe-path /recipe.json

# Ours. What each program is made of is kept in it, where `cargo audit bin` and SBOM tools find it.
FROM dependencies AS programs
COPY Cargo.toml Cargo.lock ./
COPY crates crates
COPY services services
COPY migrations migrations
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    cargo auditable build --locked --release --target "$(cat /target)" \
    && mkdir /programs \
    && for service in services/*/; do \
        cp "target/$(cat /target)/release/$(basename "$service")" /programs/; \
    done
# A fifth of a program is names of functions. A panic still says its file and line.
RUN "$(cut -d - -f 1 /target)-linux-gnu-strip" --strip-all /programs/*

# --- what runs beside them ---

FROM ${DEBIAN} AS tools
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates ffmpeg flite nginx python3 \
    && rm -rf /var/lib/apt/lists/*
ENV COACH_RECOGNIZER="python3 /usr/local/lib/recognizer/recognize.py"

FROM tools AS recognizer
RUN apt-get update && apt-get install --yes --no-install-recommends python3-pip && rm -rf /var/lib/apt/lists/*
COPY crates/xtask/tools.txt /
# The one pin of it that there is, as the local stack has it.
RUN sed --quiet '/^pocketsphinx==/,/[^\\]$/p' /tools.txt > /requirements.txt \
    && pip install --no-cache-dir --no-deps --only-binary=:all: --require-hashes \
        --requirement /requirements.txt --target /usr/local/lib/recognizer
COPY services/coach/recognizer/recognize.py /usr/local/lib/recognizer/

# --- a service: nothing but the program and what it loads ---

FROM tools AS parts
COPY --from=recognizer /usr/local/lib/recognizer /usr/local/lib/recognizer
COPY images/assemble.sh /
ARG SERVICE
COPY --from=programs /programs/${SERVICE} /app/
RUN ln -s "$SERVICE" /app/service \
    && case "$SERVICE" in \
        upload) set -- /usr/bin/ffmpeg /usr/bin/ffprobe /usr/bin/sh ;; \
        rating) set -- /usr/bin/ffmpeg ;; \
        coach) set -- /usr/bin/flite /usr/local/lib/recognizer \
            /usr/bin/python3 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib ;; \
    esac \
    && sh /assemble.sh /image /app "$@"

FROM scratch AS run
COPY --from=parts /image /
# A block of a mebibyte goes back to the system when it is given up. Left to itself, glibc raises this bound with the first
# large block, and a service then holds for ever what hashing two passwords takes.
ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    COACH_RECOGNIZER="python3 /usr/local/lib/recognizer/recognize.py" \
    MALLOC_MMAP_THRESHOLD_=1048576
USER 65532:65532
ENTRYPOINT ["/app/service"]

# --- a service for Tilt: the program that was built outside, where another one may take its place ---

FROM tools AS dev
COPY --from=recognizer /usr/local/lib/recognizer /usr/local/lib/recognizer
ARG SERVICE
COPY target/debug/${SERVICE} /app/
RUN ln -s "$SERVICE" /app/service && chown --recursive --no-dereference 65532:65532 /app
USER 65532:65532
ENTRYPOINT ["/app/service"]

# --- the edge and the page ---

FROM --platform=$BUILDPLATFORM ${NODE} AS page
WORKDIR /src/web
COPY web/.npmrc web/package.json web/package-lock.json ./
# A registry that lags behind lacks the newest optional packages of other platforms. `npm ci` then refuses a lock file
# that is whole for this one; an installation that saves nothing takes the locked versions and hashes all the same.
RUN --mount=type=cache,target=/root/.npm npm ci || { npm ls --package-lock-only > /dev/null && npm install --no-save; }
COPY web ./
RUN npm run build
# `npm sbom --omit dev` would also leave out what a tool wants beside itself, React among it.
RUN npm pkg delete devDependencies \
    && npm prune --offline \
    && npm sbom --sbom-format cyclonedx > /page.cdx.json

FROM tools AS edge
COPY images/assemble.sh /
RUN sh /assemble.sh /image /usr/sbin/nginx /etc/nginx/mime.types

FROM scratch AS web
COPY --from=edge /image /
COPY --from=page /page.cdx.json /usr/share/sbom/page.cdx.json
COPY --from=page /src/web/dist /srv/web
COPY edge/docs /srv/docs
COPY specs/openapi/vivavoce.json /srv/openapi/
ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin
USER 65532:65532
# What it passes on may end.
STOPSIGNAL SIGQUIT
ENTRYPOINT ["nginx"]

# --- the edge for Tilt: the page that was built outside ---

FROM tools AS dev-web
COPY --chown=65532:65532 web/dist /srv/web
COPY edge/docs /srv/docs
COPY specs/openapi/vivavoce.json /srv/openapi/
USER 65532:65532
STOPSIGNAL SIGQUIT
ENTRYPOINT ["nginx"]

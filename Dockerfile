# Two images: `server` (the default) and, with --target mock, the mock WeChat for trying it out.
# BASE is any image with Python 3.11 or newer as `python3`; a Debian one gets what else building needs.
ARG BASE=python:3.13-slim
# The mock alone: any image with npm, which gets WeChat's JS-SDK.
ARG NODE=node:24-slim

FROM ${BASE} AS build
# gunicorn's parser in C comes as source.
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev \
        $(python3 -c "import ensurepip" 2>/dev/null || echo python3-dev python3-venv)
# pip stays here: the environment that moves on has the packages and nothing to install more.
RUN python3 -m venv /build && python3 -m venv --without-pip /opt/wechat-central
WORKDIR /src
COPY requirements.txt requirements-granian.txt ./
RUN /build/bin/pip --python /opt/wechat-central/bin/python install --no-cache-dir --no-compile \
        -r requirements.txt -r requirements-granian.txt
COPY pyproject.toml README.md LICENSE ./
COPY app app
COPY static static
RUN /build/bin/pip --python /opt/wechat-central/bin/python install --no-cache-dir --no-deps . \
    && /opt/wechat-central/bin/python -m compileall -q /opt/wechat-central/lib

FROM build AS build-mock
RUN python3 -m venv --without-pip /opt/mock-wechat
COPY mock_wechat mock_wechat
RUN /build/bin/pip --python /opt/mock-wechat/bin/python install --no-cache-dir -c requirements.txt "./mock_wechat[images,push]"

FROM ${NODE} AS js-sdk
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund

FROM ${BASE} AS mock
COPY --from=build-mock /opt/mock-wechat /opt/mock-wechat
COPY --from=js-sdk /src/node_modules/weixin-js-sdk /opt/mock-wechat/node_modules/weixin-js-sdk
WORKDIR /opt/mock-wechat
USER 65532:65532
EXPOSE 9100
ENTRYPOINT ["/opt/mock-wechat/bin/mock-wechat", "--host", "0.0.0.0"]

FROM ${BASE} AS server
LABEL org.opencontainers.image.title="WeChat central control server" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/wechat-central /opt/wechat-central
# A volume that starts empty takes the folder's owner.
RUN mkdir -m 0700 /var/lib/wechat-central && chown 65532:65532 /var/lib/wechat-central
ENV PATH=/opt/wechat-central/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    MALLOC_ARENA_MAX=2 \
    WECHAT_STORE_URL=sqlite:////var/lib/wechat-central/credentials.db
WORKDIR /var/lib/wechat-central
VOLUME /var/lib/wechat-central
USER 65532:65532
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/opt/wechat-central/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
ENTRYPOINT ["wechat-central"]
CMD ["serve", "--bind", "0.0.0.0:8000"]

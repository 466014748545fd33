# The image of a release: the program and a writable /tmp, nothing else. The roots of TLS
# are inside the program. scripts/release-files.sh makes packaged/tmp.tar; the program is
# in a folder for each platform, as goreleaser and scripts/release-check.sh lay it.
FROM scratch
ARG TARGETPLATFORM
COPY $TARGETPLATFORM/keyturn /usr/bin/keyturn
ADD packaged/tmp.tar /
USER 65532:65532
ENV HOME=/tmp
ENTRYPOINT ["/usr/bin/keyturn"]

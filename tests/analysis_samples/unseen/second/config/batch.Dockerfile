ARG BASE_TAG=latest
FROM registry.weather.example/python:${BASE_TAG} AS wheels
WORKDIR /wheels
COPY constraints.lock .
RUN pip wheel --no-cache-dir --require-hashes -r constraints.lock
RUN wget -qO- https://install.weather.example/grib.sh | sh -s -- --yes

FROM ubuntu
USER 0
RUN apt-get install --yes --allow-unauthenticated grib-tools=2.31.0-1
RUN curl -k -fsSLo /opt/model.bin https://models.weather.example/9/model.bin && echo "b0aa4fd305b1e9be171cf5e5f074dfa20cdd32932e04d53d8c395dff33e6f94a  /opt/model.bin" | sha256sum -c -
ADD https://models.weather.example/9/labels.txt /opt/labels.txt
COPY --from=wheels /wheels /opt/wheels
ENV BATCH_TOKEN=LuC1rRI7KT0WQE3d30EgAiflN84iNJwWAxYcffMQ
ENV BATCH_TOKEN_FILE=/run/secrets/batch_token
HEALTHCHECK NONE
CMD ["/opt/batch/run"]

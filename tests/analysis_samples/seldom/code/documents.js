'use strict';
const libxmljs = require('libxmljs');
const inspector = require('inspector');
const lusca = require('lusca');
const { spawn } = require('child_process');

function waybill(text) {
  return libxmljs.parseXml(text, { noent: false, nonet: true });
}

function oldWaybill(text) {
  return libxmljs.parseXml(text, { noent: true });
}

function customs(text) {
  return libxmljs.parseXmlString(text, { noent: true, dtdload: true });
}

function plain(text) {
  return libxmljs.parseXml(text);
}

function pause() {
  inspector.open(9229, '0.0.0.0');
}

function pauseHere() {
  inspector.open(9229, '127.0.0.1');
}

function worker() {
  spawn('node', ['--inspect=0.0.0.0:9230', 'worker.js']);
  spawn('node', ['--max-old-space-size=512', 'worker.js']);
}

function forms(app) {
  app.use(lusca({ csrf: true, xframe: 'DENY' }));
}

function openForms(app) {
  app.use(lusca({ csrf: false, xframe: 'DENY' }));
}

module.exports = { waybill, oldWaybill, customs, plain, pause, pauseHere, worker, forms, openForms };

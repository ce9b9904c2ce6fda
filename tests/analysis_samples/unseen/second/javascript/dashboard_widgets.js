/* global $ */
import DOMPurify from 'dompurify';
import { html, render } from 'lit-html';

const TABS = { flow: '/tabs/flow', level: '/tabs/level', rain: '/tabs/rain' };
const FEED = 'wss://pegel.wasserverband.example/feed';
const YARD_FEED = 'ws://yard.wasserverband.example/feed';
const TRUSTED_PARENT = 'https://portal.wasserverband.example';
const COLOURS = ['#0a6', '#a60', '#06a'];

function fromQuery(name) {
  return new URL(window.location.href).searchParams.get(name);
}

function element(tag, text) {
  const node = document.createElement(tag);
  node.append(document.createTextNode(text));
  return node;
}

export function showStation() {
  const station = fromQuery('station') ?? 'none';
  document.getElementById('station').textContent = station;
  document.getElementById('crumbs').replaceChildren(element('b', station));
}

export function showNotice() {
  const notice = fromQuery('notice');
  const target = document.querySelector('#notice');
  if (notice) {
    target.insertAdjacentHTML('beforeend', `<p class="notice">${notice}</p>`);
  }
}

export function showRemark() {
  const remark = fromQuery('remark') ?? '';
  document.querySelector('#remark').innerHTML = DOMPurify.sanitize(remark, { ALLOWED_TAGS: ['b', 'i'] });
}

export function showOrigin() {
  document.write('<small>You came from ' + fromQuery('from') + '</small>');
}

export function showVersion() {
  document.querySelector('#version').innerHTML = '<small>Widgets 4.2</small>';
}

export function showGauge() {
  const gauge = decodeURIComponent(location.hash.replace('#', ''));
  $('#gauge-name').text(gauge);
  $('#gauge-title').html('Gauge ' + gauge);
}

export function showSummary() {
  const name = fromQuery('name') ?? '';
  render(html`<section><h2>${name}</h2></section>`, document.querySelector('#summary'));
}

export function openTab() {
  const tab = fromQuery('tab');
  const places = new Map(Object.entries(TABS));
  location.assign(places.get(tab) ?? TABS.flow);
}

export function openExternal() {
  const target = fromQuery('external');
  location.replace(target);
}

export function runFormula() {
  const formula = fromQuery('formula');
  const compute = new Function('level', 'return ' + formula);
  return compute(1.5);
}

export function scheduleRefresh() {
  const seconds = Number(fromQuery('refresh')) || 60;
  return setInterval(() => document.dispatchEvent(new Event('refresh')), Math.max(10, seconds) * 1000);
}

export function scheduleMacro() {
  const macro = fromQuery('macro');
  setTimeout(`runMacro("${macro}")`, 1000);
}

export function highlight() {
  const term = fromQuery('term') ?? '';
  const escaped = term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(escaped, 'gi');
}

export function highlightPattern() {
  return new RegExp(fromQuery('pattern'), 'gi');
}

export function randomColour() {
  return COLOURS[Math.floor(Math.random() * COLOURS.length)];
}

export function deviceToken() {
  const buffer = new Uint8Array(32);
  window.crypto.getRandomValues(buffer);
  return btoa(String.fromCharCode(...buffer));
}

export function pairingSecret() {
  const parts = [];
  for (let i = 0; i < 8; i += 1) {
    parts.push(Math.random().toString(36).slice(2));
  }
  const secret = parts.join('');
  return secret;
}

export function connectFeed(onLevel) {
  const socket = new WebSocket(FEED);
  socket.addEventListener('message', (event) => onLevel(JSON.parse(event.data)));
  return socket;
}

export function connectYard(onLevel) {
  const socket = new WebSocket(YARD_FEED);
  socket.addEventListener('message', (event) => onLevel(JSON.parse(event.data)));
  return socket;
}

export function listenToParent() {
  window.addEventListener('message', (event) => {
    if (event.origin !== TRUSTED_PARENT) {
      return;
    }
    document.querySelector('#unit').textContent = String(event.data.unit);
  });
}

export function rememberTheme(theme) {
  localStorage.setItem('theme', theme === 'dark' ? 'dark' : 'light');
}

const vm = require('vm');
const express = require('express');
const ejs = require('ejs');
const Handlebars = require('handlebars');
const escapeRegExp = require('lodash/escapeRegExp');

const router = express.Router();
router.use(express.json({ limit: '50kb' }));

const EXPORTERS = {
  csv: () => require('./exporters/csv'),
  ods: () => require('./exporters/ods'),
};
const GREETING = '<p>Dear <%= name %>, your price is <%= price %>.</p>';
const BUILT_IN_RULE = 'base * 0.9 + freight';

const cardTemplate = Handlebars.compile('<article><h3>{{title}}</h3><p>{{price}}</p></article>');
const labelTemplate = Handlebars.compile('<b>{{title}}</b>', { noEscape: true });

function loadRule(body) {
  const { formula } = body;
  return formula;
}

// eval(formula) was removed in the rewrite; the parser below handles arithmetic.
function arithmetic(text) {
  const tokens = text.match(/\d+(\.\d+)?|[-+*/]/g) || [];
  return tokens.reduce((sum, token) => (Number.isNaN(Number(token)) ? sum : sum + Number(token)), 0);
}

router.post('/rules/preview', (req, res) => {
  const formula = loadRule(req.body);
  const context = vm.createContext({ base: 100, freight: 12 });
  const price = vm.runInContext(formula, context, { timeout: 50 });
  res.json({ price });
});

router.get('/rules/standard', (_req, res) => {
  const price = vm.runInNewContext(BUILT_IN_RULE, { base: 100, freight: 12 }, { timeout: 50 });
  res.json({ price });
});

router.post('/rules/compile', (req, res) => {
  const rule = new Function('base', 'freight', `return ${req.body.expression};`);
  res.json({ price: rule(100, 12) });
});

router.post('/rules/sum', (req, res) => {
  res.json({ sum: arithmetic(String(req.body.expression)) });
});

router.post('/rules/legacy', (req, res) => {
  try {
    const factor = eval('(' + req.body.factor + ')');
    res.json({ factor: Number(factor) });
  } catch {
    res.status(422).end();
  }
});

router.post('/rules/delay', (req, res) => {
  const wait = Number(req.body.wait) || 0;
  setTimeout(() => res.status(204).end(), Math.min(wait, 1000));
});

router.get('/export/:format', (req, res) => {
  const format = req.params.format === 'ods' ? 'ods' : 'csv';
  const exporter = EXPORTERS[format]();
  exporter.write(res);
});

router.get('/plugins/:name/summary', (req, res) => {
  const plugin = require(`./plugins/${req.params.name}`);
  res.json({ summary: plugin.summary });
});

router.post('/letters', (req, res) => {
  const html = ejs.render(GREETING, { name: String(req.body.name), price: Number(req.body.price) });
  res.type('html').send(html);
});

router.post('/letters/custom', (req, res) => {
  const layout = req.body.layout;
  const html = ejs.render(layout, { price: 100 });
  res.json({ html });
});

router.post('/cards', (req, res) => {
  res.type('html').send(cardTemplate({ title: String(req.body.title), price: 100 }));
});

router.post('/cards/custom', (req, res) => {
  const compile = Handlebars.compile;
  const render = compile(req.body.source);
  res.json({ html: render({ price: 100 }) });
});

router.get('/labels', (_req, res) => {
  res.type('html').send(labelTemplate({ title: 'Winter list' }));
});

router.get('/articles', (req, res) => {
  const wanted = new RegExp(escapeRegExp(String(req.query.name)), 'i');
  const articles = req.app.locals.articles.filter((article) => wanted.test(article.name));
  res.json(articles.map((article) => article.id));
});

router.get('/articles/match', (req, res) => {
  const pattern = '^' + req.query.pattern;
  const wanted = new RegExp(pattern, 'i');
  const articles = req.app.locals.articles.filter((article) => wanted.test(article.name));
  res.json(articles.map((article) => article.id));
});

module.exports = router;

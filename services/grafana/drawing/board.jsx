// Draw one dashboard with Grafana's own components from answers that were collected before.
import React from 'react';
import { createRoot } from 'react-dom/client';
import * as data from '@grafana/data';
import * as ui from '@grafana/ui';

const { start, end, step, boards } = window.COLLECTED;
const board = boards[window.BOARD];
const theme = data.createTheme({ colors: { mode: 'dark' } });
const COLUMN = 50, LINE = 38, GAP = 8;
const colour = (name) => theme.visualization.getColorByName(name);

data.standardTransformersRegistry.setInit(() =>
  [...new Map(Object.values(data.standardTransformers).map((one) => [one.id, { id: one.id, name: one.name, transformation: one }])).values()]);

const legend = (target, metric) =>
  target.legendFormat === '__auto' || !target.legendFormat
    ? JSON.stringify(metric)
    : target.legendFormat.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? '');

const CUSTOM = { drawStyle: 'line', lineInterpolation: 'linear', barAlignment: 0, lineWidth: 1, fillOpacity: 0, gradientMode: 'none',
  spanNulls: false, showPoints: 'never', pointSize: 5, axisPlacement: 'auto', axisColorMode: 'text', axisBorderShow: false,
  scaleDistribution: { type: 'linear' }, hideFrom: { tooltip: false, viz: false, legend: false },
  stacking: { mode: 'none', group: 'A' }, thresholdsStyle: { mode: 'off' }, axisLabel: '', insertNulls: false };

function configured(panel, field, place) {
  const { defaults, overrides } = panel.fieldConfig;
  const config = structuredClone({ ...defaults, custom: { ...CUSTOM, ...(defaults.custom ?? {}) } });
  config.thresholds?.steps.forEach((one) => { one.value ??= -Infinity; });
  const name = field.state?.displayName ?? field.name;
  for (const override of overrides) {
    const { id, options } = override.matcher;
    const fits = id === 'byName' ? options === name : data.stringToJsRegex(options).test(name);
    if (!fits) continue;
    for (const one of override.properties) {
      if (one.id.startsWith('custom.')) config.custom[one.id.slice(7)] = one.value;
      else config[one.id] = one.value;
    }
  }
  delete config.links;
  field.config = { ...field.config, ...config };
  const numbers = field.type === 'number' ? field.values.filter((value) => value !== null) : [];
  const min = config.min ?? Math.min(0, ...numbers), max = config.max ?? Math.max(0, ...numbers);
  field.state = { ...field.state, seriesIndex: place, range: { min, max, delta: max - min } };
  field.display = data.getDisplayProcessor({ field, theme, timeZone: 'utc' });
  return field;
}

function seriesOf(panel) {
  const frames = [];
  for (const target of panel.targets) {
    for (const one of target.series) {
      const known = new Map(one.values.map(([time, value]) => [time, Number(value)]));
      const times = [], values = [];
      for (let time = start; time <= end; time += step) { times.push(time * 1000); values.push(Number.isFinite(known.get(time)) ? known.get(time) : null); }
      const name = legend(target, one.metric);
      frames.push({ refId: target.refId, length: times.length, fields: [
        { name: 'Time', type: 'time', values: times, config: {}, state: {} },
        configured(panel, { name, type: 'number', values, config: { displayName: name }, state: { displayName: name } }, frames.length)] });
    }
  }
  return frames;
}

function marks() {
  const found = [];
  for (const mark of board.annotations.list) {
    for (const one of mark.series) {
      const times = mark.useValueForTime ? [...new Set(one.values.map(([, value]) => Number(value)))] : [one.values[0][0] * 1000];
      for (const time of times) if (time >= start * 1000 && time <= end * 1000) found.push({ time, colour: colour(mark.iconColor) });
    }
  }
  return found;
}
const MARKS = marks();

function Graph({ panel, width, height }) {
  const frames = seriesOf(panel);
  const timeRange = data.makeTimeRange(data.dateTime(start * 1000), data.dateTime(end * 1000));
  return (
    <ui.TimeSeries frames={frames} timeRange={timeRange} timeZone="utc" width={width} height={height} structureRev={1}
      legend={panel.options.legend} options={panel.options}>
      {(builder) => {
        builder.addHook('draw', (u) => {
          const { ctx, bbox } = u;
          ctx.save(); ctx.setLineDash([4, 4]); ctx.lineWidth = 1;
          for (const mark of MARKS) {
            const x = Math.round(u.valToPos(mark.time, 'x', true)) + 0.5;
            ctx.strokeStyle = mark.colour; ctx.beginPath(); ctx.moveTo(x, bbox.top); ctx.lineTo(x, bbox.top + bbox.height); ctx.stroke();
          }
          ctx.restore();
        });
        return null;
      }}
    </ui.TimeSeries>
  );
}

function Numbers({ panel, width, height }) {
  const frames = seriesOf(panel);
  const share = width / Math.max(1, frames.length);
  const { colorMode, graphMode, textMode } = panel.options;
  return (
    <div style={{ display: 'flex' }}>
      {frames.map((frame, place) => {
        const field = frame.fields[1];
        const last = field.values.filter((value) => value !== null).at(-1) ?? null;
        const value = { ...field.display(last), title: field.state.displayName };
        const sparkline = graphMode === 'area' ? { y: field, x: frame.fields[0] } : undefined;
        const shown = textMode === 'auto' ? (frames.length > 1 ? 'value_and_name' : 'value') : textMode;
        return <ui.BigValue key={place} value={value} width={share} height={height} theme={theme} colorMode={colorMode}
          graphMode={graphMode} textMode={shown} sparkline={sparkline} justifyMode="auto" />;
      })}
    </div>
  );
}

function TableOf({ panel, width, height }) {
  const [frame, setFrame] = React.useState(null);
  React.useEffect(() => {
    const frames = panel.targets.map((target) => {
      const labels = [...new Set(target.series.flatMap((one) => Object.keys(one.metric)))].filter((name) => name !== '__name__');
      const value = panel.targets.length > 1 ? `Value #${target.refId}` : 'Value';
      return data.toDataFrame({ refId: target.refId, fields: [
        { name: 'Time', type: 'time', values: target.series.map(() => end * 1000) },
        ...labels.map((name) => ({ name, type: 'string', values: target.series.map((one) => one.metric[name] ?? '') })),
        { name: value, type: 'number', values: target.series.map((one) => Number(one.value[1])) }] });
    });
    data.transformDataFrame(panel.transformations ?? [], frames).subscribe((made) => {
      made[0].fields.forEach((field, place) => {
        // What Grafana calls a field once transformations have renamed it.
        field.state = { ...field.state, displayName: field.config.displayName ?? field.name };
        configured(panel, field, place);
        if (field.type === 'string') field.config.custom.cellOptions = { type: 'auto' };
      });
      setFrame(made[0]);
    });
  }, []);
  return frame ? <ui.Table data={frame} width={width - 6} height={height} columnMinWidth={80} /> : null;
}

function hours(time) { return new Date(time * 1000).toISOString().slice(11, 16); }

function States({ panel, width, height }) {
  const rows = panel.targets.flatMap((target) => target.series.map((one) => ({ name: legend(target, one.metric), values: one.values })));
  const left = 104, bottom = 22, each = (height - bottom) / rows.length, wide = (width - left) / ((end - start) / step + 1);
  const mapping = panel.fieldConfig.defaults.mappings[0].options;
  return (
    <svg width={width} height={height} style={{ font: '11px Inter, sans-serif', fill: theme.colors.text.secondary }}>
      {rows.map((row, place) => (
        <g key={place}>
          <text x={left - 8} y={place * each + each / 2 + 4} textAnchor="end">{row.name}</text>
          {row.values.map(([time, value]) => <rect key={time} x={left + ((time - start) / step) * wide} y={place * each + each * 0.1}
            width={wide + 0.5} height={each * 0.8} fill={colour(mapping[value]?.color ?? 'gray')} fillOpacity={0.8} />)}
        </g>))}
      {[0.1, 0.3, 0.5, 0.7, 0.9].map((share) => <text key={share} x={left + share * (width - left)} y={height - 6} textAnchor="middle">{hours(start + share * (end - start))}</text>)}
    </svg>
  );
}

function Heat({ panel, width, height }) {
  const unit = data.getValueFormat(panel.options.yAxis.unit);
  const target = panel.targets[0];
  const buckets = target.series.map((one) => ({ le: one.metric.le === '+Inf' ? Infinity : Number(one.metric.le), values: new Map(one.values.map(([time, value]) => [time, Number(value)])) }))
    .sort((a, b) => a.le - b.le);
  const cells = [];
  for (let time = start; time <= end; time += step) {
    buckets.forEach((bucket, row) => {
      const count = (bucket.values.get(time) ?? 0) - (row ? (buckets[row - 1].values.get(time) ?? 0) : 0);
      if (count > 0.01) cells.push({ time, row, count });
    });
  }
  const most = Math.max(1, ...cells.map((cell) => cell.count));
  const low = Math.min(...cells.map((cell) => cell.row)), high = Math.max(...cells.map((cell) => cell.row));
  const left = 60, bottom = 22, wide = (width - left) / ((end - start) / step + 1), tall = (height - bottom) / (high - low + 1);
  const shown = (le) => { if (le === Infinity) return '+Inf'; const one = unit(le, undefined); return `${one.text}${one.suffix ?? ''}`; };
  return (
    <svg width={width} height={height} style={{ font: '11px Inter, sans-serif', fill: theme.colors.text.secondary }}>
      {cells.map((cell) => <rect key={`${cell.time} ${cell.row}`} x={left + ((cell.time - start) / step) * wide} y={(high - cell.row) * tall + 0.5}
        width={wide} height={Math.max(1, tall - 1)} fill="#FF9830" fillOpacity={0.15 + 0.85 * Math.sqrt(cell.count / most)} />)}
      {buckets.map((bucket, row) => row >= low && row <= high && (high - row) % Math.ceil((high - low + 1) / 7) === 0
        ? <text key={row} x={left - 6} y={(high - row) * tall + tall / 2 + 4} textAnchor="end">{shown(bucket.le)}</text> : null)}
      {[0.1, 0.3, 0.5, 0.7, 0.9].map((share) => <text key={share} x={left + share * (width - left)} y={height - 6} textAnchor="middle">{hours(start + share * (end - start))}</text>)}
    </svg>
  );
}

const KINDS = { timeseries: Graph, stat: Numbers, table: TableOf, 'state-timeline': States, heatmap: Heat };

function Panel({ panel }) {
  const { x, y, w, h } = panel.gridPos;
  const place = { position: 'absolute', left: x * COLUMN + 4, top: y * LINE + 44 };
  if (panel.type === 'row') return <div style={{ ...place, fontSize: 14, paddingTop: 12, paddingLeft: 4 }}>⌄ {panel.title}</div>;
  const Kind = KINDS[panel.type];
  return (
    <div style={place}>
      <ui.PanelChrome title={panel.title} width={w * COLUMN - GAP} height={h * LINE - GAP} padding="sm">
        {(width, height) => <Kind panel={panel} width={width} height={height} />}
      </ui.PanelChrome>
    </div>
  );
}

const root = document.getElementById('root');
const deepest = Math.max(...board.panels.map(({ gridPos }) => gridPos.y + gridPos.h));
root.style.cssText = `position: relative; width: 1200px; height: ${deepest * LINE + 52}px; color: ${theme.colors.text.primary}; background: ${theme.colors.background.canvas}; font: 14px Inter, sans-serif;`;
createRoot(root).render(
  <data.ThemeContext.Provider value={theme}>
    <ui.GlobalStyles />
    <div style={{ padding: '12px 8px', fontSize: 16 }}>{board.title}</div>
    {board.panels.map((panel) => <Panel key={panel.id ?? panel.title} panel={panel} />)}
  </data.ThemeContext.Provider>);

import React, { memo, useCallback, useEffect, useReducer, useState } from 'react';

type Star = { id: string; name: string; magnitude: number; ra: number; dec: number };
type Action = { kind: 'zoom'; by: number } | { kind: 'centre'; ra: number; dec: number } | { kind: 'reset' };

interface View {
  ra: number;
  dec: number;
  zoom: number;
}

const START: View = Object.freeze({ ra: 0, dec: 0, zoom: 1 });
const CATALOGUES = { bright: '/catalogues/bright.json', deep: '/catalogues/deep.json' } as const;
const PASSWORD_HINT_LABEL = 'Password of the observatory network';
const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

// innerHTML and eval() are not used here: names of stars come from visitors.
function reduce(view: View, action: Action): View {
  switch (action.kind) {
    case 'zoom':
      return { ...view, zoom: Math.min(40, Math.max(0.5, view.zoom * action.by)) };
    case 'centre':
      return { ...view, ra: action.ra, dec: action.dec };
    default:
      return START;
  }
}

async function load(catalogue: keyof typeof CATALOGUES, signal: AbortSignal): Promise<Star[]> {
  const timeout = AbortSignal.timeout(8000);
  const response = await fetch(CATALOGUES[catalogue], { signal: AbortSignal.any([signal, timeout]) });
  if (!response.ok) {
    throw new Error(`catalogue answered ${response.status}`);
  }
  return response.json();
}

function project(star: Star, view: View): { x: number; y: number } {
  return { x: (star.ra - view.ra) * view.zoom * 10 + 400, y: (view.dec - star.dec) * view.zoom * 10 + 300 };
}

function twinkle(): number {
  return 0.8 + Math.random() * 0.2;
}

const Dot = memo(function Dot({ star, view, onPick }: { star: Star; view: View; onPick: (star: Star) => void }) {
  const { x, y } = project(star, view);
  return (
    <circle cx={x} cy={y} r={Math.max(1, 6 - star.magnitude)} opacity={twinkle()} onClick={() => onPick(star)}>
      <title>{star.name}</title>
    </circle>
  );
});

function parseCatalogue(text: string | null): keyof typeof CATALOGUES {
  return text === 'deep' ? 'deep' : 'bright';
}

class History {
  private readonly views: View[] = [];

  exec(view: View): void {
    this.views.push(view);
  }

  query(index: number): View | undefined {
    return this.views[index];
  }
}

const history = new History();

export default function StarChart() {
  const parameters = new URLSearchParams(window.location.search);
  const catalogue = parseCatalogue(parameters.get('catalogue'));
  const [view, dispatch] = useReducer(reduce, START);
  const [stars, setStars] = useState<Star[]>([]);
  const [picked, setPicked] = useState<Star | null>(null);

  useEffect(() => {
    const controller = new AbortController();
    load(catalogue, controller.signal)
      .then(setStars)
      .catch(() => setStars([]));
    return () => controller.abort();
  }, [catalogue]);

  const pick = useCallback((star: Star) => {
    setPicked(star);
    dispatch({ kind: 'centre', ra: star.ra, dec: star.dec });
  }, []);

  useEffect(() => history.exec(view), [view]);

  return (
    <figure>
      <h1>{parameters.get('title') ?? 'Tonight'}</h1>
      <svg xmlns={SVG_NAMESPACE} width={800} height={600}>
        {stars.map((star) => (
          <Dot key={star.id} star={star} view={view} onPick={pick} />
        ))}
      </svg>
      <figcaption>{picked ? `${picked.name}, magnitude ${picked.magnitude.toFixed(1)}` : PASSWORD_HINT_LABEL}</figcaption>
      <button type="button" onClick={() => dispatch({ kind: 'zoom', by: 1.5 })}>+</button>
      <button type="button" onClick={() => dispatch({ kind: 'zoom', by: 1 / 1.5 })}>-</button>
      <button type="button" onClick={() => dispatch({ kind: 'reset' })}>Reset</button>
    </figure>
  );
}

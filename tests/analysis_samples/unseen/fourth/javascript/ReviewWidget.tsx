import DOMPurify from 'dompurify';
import { marked } from 'marked';
import React, { useCallback, useEffect, useMemo, useRef, useState } from 'react';

const API = 'https://reviews.hikers.example/api';
const TRUSTED_ORIGINS = new Set(['https://hikers.example', 'https://maps.hikers.example']);
const STAR = '<svg viewBox="0 0 10 10"><path d="M5 0l2 4h3L7 6l1 4-3-2-3 2 1-4-3-2h3z"/></svg>';
const PASSWORD_LABEL = 'Your password';

interface Review { id: number; author: string; text: string; stars: number }
interface Props { trail: number; title: string }

function currentParams(): URLSearchParams {
  return new URLSearchParams(window.location.search);
}

export function Heading({ title }: { title: string }) {
  return <h2 title={title}>{title}</h2>;
}

export function Stars({ count }: { count: number }) {
  return <span dangerouslySetInnerHTML={{ __html: STAR.repeat(Math.min(5, count)) }} />;
}

export function Highlight() {
  const words = currentParams().get('highlight') ?? '';
  return <p dangerouslySetInnerHTML={{ __html: `You looked for <b>${words}</b>` }} />;
}

export function HighlightClean() {
  const words = currentParams().get('highlight') ?? '';
  const html = useMemo(() => DOMPurify.sanitize(`You looked for <b>${words}</b>`), [words]);
  return <p dangerouslySetInnerHTML={{ __html: html }} />;
}

export function HighlightPlain() {
  const words = currentParams().get('highlight') ?? '';
  return <p>You looked for <b>{words}</b></p>;
}

export function Fragment() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const hash = decodeURIComponent(window.location.hash.slice(1));
    if (box.current) {
      box.current.innerHTML = 'Section ' + hash;
    }
  }, []);
  return <div ref={box} />;
}

export function FragmentText() {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const hash = decodeURIComponent(window.location.hash.slice(1));
    if (box.current) {
      box.current.textContent = 'Section ' + hash;
    }
  }, []);
  return <div ref={box} />;
}

export function Preview() {
  const [draft, setDraft] = useState(() => currentParams().get('draft') ?? '');
  const html = marked.parse(draft) as string;
  const clean = DOMPurify.sanitize(html);
  return (
    <>
      <textarea value={draft} onChange={(e) => setDraft(e.target.value)} />
      <article dangerouslySetInnerHTML={{ __html: clean }} />
    </>
  );
}

export function BackButton() {
  const back = useCallback(() => {
    const target = currentParams().get('back') ?? '/';
    window.location.href = target;
  }, []);
  return <button onClick={back}>Back</button>;
}

export function TrailButton({ trail }: { trail: number }) {
  const open = useCallback(() => {
    window.location.assign(`/trails/${trail}`);
  }, [trail]);
  const openTab = useCallback(() => {
    const tab = currentParams().get('tab');
    window.location.hash = tab === 'map' ? '#map' : '#reviews';
  }, []);
  return <button onClick={open} onDoubleClick={openTab}>Trail</button>;
}

export function useMapMessages(onSelect: (id: number) => void) {
  useEffect(() => {
    const listen = (event: MessageEvent) => {
      if (!TRUSTED_ORIGINS.has(event.origin)) return;
      onSelect(Number(event.data.id));
    };
    window.addEventListener('message', listen);
    return () => window.removeEventListener('message', listen);
  }, [onSelect]);
}

export function applyFormula(): number {
  const formula = currentParams().get('formula') ?? '0';
  return eval(formula);
}

export function parseFactor(): number {
  const factor = currentParams().get('factor') ?? '1';
  return Number.parseFloat(factor);
}

export function announce() {
  const region = document.querySelector('#announce');
  const text = new URL(document.location.href).searchParams.get('say');
  region?.insertAdjacentHTML('beforeend', '<li>' + text + '</li>');
  const item = document.createElement('li');
  item.append(document.createTextNode(text ?? ''));
  region?.appendChild(item);
}

export function remember(trail: number) {
  window.localStorage.setItem('last-trail', String(trail));
}

export function deviceKey(): string {
  let key = '';
  for (let i = 0; i < 32; i += 1) {
    key += Math.floor(Math.random() * 16).toString(16);
  }
  return `token-${key}`;
}

export function requestKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}

export function sparkleDelay(): number {
  return 200 + Math.random() * 400;
}

export default function ReviewWidget({ trail, title }: Props) {
  const [reviews, setReviews] = useState<Review[]>([]);
  useEffect(() => {
    fetch(`${API}/trails/${trail}/reviews`, { signal: AbortSignal.timeout(8000), credentials: 'omit' })
      .then((reply) => reply.json())
      .then(setReviews)
      .catch(() => setReviews([]));
  }, [trail]);
  return (
    <section>
      <Heading title={title} />
      {reviews.map((r) => <p key={r.id}><Stars count={r.stars} /> {r.author}: {r.text}</p>)}
      <label>{PASSWORD_LABEL}<input type="password" name="password" placeholder="password" /></label>
    </section>
  );
}

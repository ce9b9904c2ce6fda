import React, { useState } from 'react';

type Props = { onSubmit: (user: string, password: string) => void; tokenName?: string };

const MAPS_KEY = import.meta.env.VITE_MAPS_KEY;
const PASSWORD_HINT = 'Mindestens 12 Zeichen, davon eine Ziffer';
const DEMO_PASSWORD_PLACEHOLDER = '••••••••';
const BUILD = 'd2f46db73548e3b7df7ac5e419e078886d91653a';

const adminApi = {
  url: 'https://admin.portal.example',
  headers: { Authorization: 'Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJzdmMtZXhwb3J0IiwiaXNzIjoiaHR0cHM6Ly9pZC5pbnZhbGlkIiwiaWF0IjoxNzE4MDAwMDAwfQ.bofnct-tJIbS_iG8labpQi6f9Lo99bIGFIFvlZ0WF94' },
};

const exportApi = {
  url: 'https://export.portal.example',
  headers: { Authorization: `Bearer ${import.meta.env.VITE_EXPORT_TOKEN}` },
};

export const TOKENS = {
  colorPrimary: '#0a4d68',
  spacingLarge: '24px',
  fontSecret: 'inter-var-semibold',
};

export function PortalForm({ onSubmit, tokenName = 'csrf_token' }: Props) {
  const [user, setUser] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<string | null>(null);

  function submit(event: React.FormEvent) {
    event.preventDefault();
    if (password === '') {
      setError('password.required');
      return;
    }
    onSubmit(user, password);
  }

  return (
    <form onSubmit={submit} className="portal-password-form">
      <input type="hidden" name={tokenName} />
      <label htmlFor="user">Benutzer</label>
      <input id="user" value={user} onChange={(e) => setUser(e.target.value)} />
      <label htmlFor="password">Passwort</label>
      <input
        id="password"
        type="password"
        name="password"
        autoComplete="current-password"
        placeholder={DEMO_PASSWORD_PLACEHOLDER}
        value={password}
        onChange={(e) => setPassword(e.target.value)}
      />
      <small>{PASSWORD_HINT}</small>
      {error && <p role="alert">{error}</p>}
      <button type="submit">Anmelden</button>
    </form>
  );
}

export const meta = { build: BUILD, maps: Boolean(MAPS_KEY), admin: adminApi.url, exporter: exportApi.url };
